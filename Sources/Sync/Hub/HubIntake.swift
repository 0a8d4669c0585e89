package import Shared

/// The Hub's half of the protocol: what to do with a request, given what the Hub knows.
///
/// Pure: the caller holds the Agent's row locked, gives what it has read, and commits what it is
/// told. Sessions and epochs are in files of their own.
package enum HubIntake {
    /// Judges a push: `check` and `admit`.
    ///
    /// - Parameters:
    ///   - push: what came.
    ///   - ledger: what the Hub has of this Agent.
    ///   - chainBeforeBase: the Hub's chain at `base − 1`; nil where it has no such operation.
    /// - Returns: what of the push is new, and what the Hub has already.
    /// - Throws: `epochClosed`, `cloneSuspect`, `gap`, `fork`, `malformed`.
    package static func judge(
        _ push: Push,
        ledger: HubLedger,
        chainBeforeBase: Digest256?
    ) throws(SyncError) -> Admission {
        try check(push.header, ledger: ledger, chainBeforeBase: chainBeforeBase)
        return try admit(push, links: try links(of: push), ledger: ledger)
    }

    /// Whether a push with this header may be taken now.
    ///
    /// - Throws: `epochClosed`, `cloneSuspect`, `gap`, `fork`, `malformed`.
    package static func check(
        _ header: PushHeader,
        ledger: HubLedger,
        chainBeforeBase: Digest256?
    ) throws(SyncError) {
        try checkEpoch(header.epoch, ledger)
        guard let nonce = ledger.nonce, header.nonce == nonce else { throw .cloneSuspect }
        guard header.base >= 1 else { throw .malformed("sequences start at 1") }
        guard header.base <= ledger.applied + 1 else { throw .gap(expected: ledger.applied + 1) }
        guard header.previousChain == chainBeforeBase else { throw .fork(at: header.base - 1) }
    }

    /// Tells what of a push that passed `check` is new, `links` being what `links(of:)` gave for it.
    ///
    /// Errors: `fork`.
    package static func admit(
        _ push: Push,
        links: [Digest256],
        ledger: HubLedger
    ) throws(SyncError) -> Admission {
        // What overlaps has to be what the Hub has.
        let known = known(of: push, ledger: ledger)
        if known > 0, known < links.count, links[known - 1] != ledger.chain {
            throw .fork(at: ledger.applied)
        }
        return Admission(
            known: Array(push.operations[..<known]),
            knownLinks: Array(links[..<known]),
            new: Array(push.operations[known...]),
            newLinks: Array(links[known...])
        )
    }

    /// How many operations of a push that passed `check` the Hub should have already.
    package static func known(of push: Push, ledger: HubLedger) -> Int {
        Int(min(ledger.applied - (push.header.base - 1), Int64(push.operations.count)))
    }

    /// The chain behind each operation, checked against the header; it takes the push alone.
    ///
    /// - Throws: `malformed`.
    package static func links(of push: Push) throws(SyncError) -> [Digest256] {
        let header = push.header
        guard push.operations.count == header.count else {
            throw .malformed("the header counts \(header.count) operations")
        }
        var chain = header.previousChain
        var links: [Digest256] = []
        links.reserveCapacity(push.operations.count)
        for (offset, operation) in push.operations.enumerated() {
            guard operation.sequence == header.base + Int64(offset) else {
                throw .malformed("sequence \(operation.sequence) is out of place")
            }
            chain = Chain.next(
                after: chain,
                sequence: operation.sequence,
                id: operation.id,
                payload: operation.payload
            )
            links.append(chain)
        }
        guard chain == header.lastChain else {
            throw .malformed("the chain does not end as the header says")
        }
        return links
    }

    static func checkEpoch(_ epoch: Int, _ ledger: HubLedger) throws(SyncError) {
        guard epoch == ledger.epoch else { throw .epochClosed(current: ledger.epoch) }
    }
}

/// A push that may be stored: what of it is new, and what the Hub has already.
package struct Admission: Equatable, Sendable {
    /// Operations that the Hub should have already, with the chain that they claim.
    package var known: [Operation]
    package var knownLinks: [Digest256]
    /// Operations to store, with the chain behind each.
    package var new: [Operation]
    package var newLinks: [Digest256]

    /// Takes the parts as they are.
    package init(
        known: [Operation],
        knownLinks: [Digest256],
        new: [Operation],
        newLinks: [Digest256]
    ) {
        self.known = known
        self.knownLinks = knownLinks
        self.new = new
        self.newLinks = newLinks
    }
}
