/// A card that is in, connected, and ours alone for the moment.
///
/// It belongs to the thread of its reader and is used there alone.
package struct CardConnection: ~Copyable, CardTransport {
    package let insertion: CardInsertion
    private var card: PCSCCard

    init(_ insertion: CardInsertion, _ card: consuming PCSCCard) {
        self.insertion = insertion
        self.card = card
    }

    /// Sends a command and lends the answer, which has its two bytes of status at least.
    ///
    /// Errors: `CardFailure`; after `wasReset` and `garbled` the card may be `recover`ed.
    package func transmit<Value>(
        _ command: [UInt8],
        _ body: (UnsafeRawBufferPointer) -> Value
    ) throws(CardFailure) -> Value {
        let answer: Value?
        do {
            // A card that is pulled at this moment gives success and no bytes.
            answer = try card.transmit(command) { $0.count >= 2 ? body($0) : nil }
        } catch {
            throw CardFailure(error.code)
        }
        guard let answer else { throw .removed }
        return answer
    }

    /// Lets other programs at the card between two files, and takes it back after `meanwhile`.
    ///
    /// Errors: `wasReset` where one of them has reset it.
    package func letOthers(_ meanwhile: () -> Void) throws(CardFailure) {
        card.end()
        meanwhile()
        do { try card.begin() } catch { throw CardFailure(error.code) }
    }

    package func letOthers() throws(CardFailure) { try letOthers {} }

    /// Connects to the card anew after `wasReset`, or resets it: that ends others' sessions.
    package mutating func recover(reset: Bool) throws(CardFailure) {
        do throws(PCSCError) {
            try card.reconnect(reset: reset)
            // The transaction goes on over a reconnection, or did not begin.
            try card.begin()
        } catch {
            throw CardFailure(error.code)
        }
    }

    /// The first transaction.
    mutating func begin() throws(PCSCError) {
        do {
            try card.begin()
        } catch  where error.code == .resetCard {
            try card.reconnect(reset: false)
            try card.begin()
        }
    }

    func end() { card.end() }
}
