package import Shared

extension HubIntake {
    /// Judges an operation that came for itself, as `judge` does a push.
    ///
    /// Of one that is withheld the chain cannot be computed: the Hub takes the Agent's word for the
    /// link, and what follows proves that both went on from it.
    ///
    /// `chainBefore` is the Hub's chain at `sequence − 1`; nil where it has none. Answers true where
    /// the operation is new, and false where the Hub has that number already.
    /// Errors: `epochClosed`, `cloneSuspect`, `gap`, `fork`, `malformed`.
    package static func judge(
        _ isolated: IsolatedOperation,
        ledger: HubLedger,
        chainBefore: Digest256?
    ) throws(SyncError) -> Bool {
        let header = isolated.header
        guard header.epoch == ledger.epoch else { throw .epochClosed(current: ledger.epoch) }
        guard let nonce = ledger.nonce, header.nonce == nonce else { throw .cloneSuspect }
        guard header.sequence >= 1 else { throw .malformed("sequences start at 1") }
        guard header.sequence <= ledger.applied + 1 else {
            throw .gap(expected: ledger.applied + 1)
        }
        guard header.previousChain == chainBefore else { throw .fork(at: header.sequence - 1) }
        if let payload = isolated.payload {
            let link = Chain.next(
                after: header.previousChain,
                sequence: header.sequence,
                id: header.id,
                payload: payload
            )
            guard link == header.chain else {
                throw .malformed("the chain does not end as the header says")
            }
        }
        return header.sequence == ledger.applied + 1
    }
}
