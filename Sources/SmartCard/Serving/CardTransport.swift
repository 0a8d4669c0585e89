/// What a reading asks of a card that is in: a connection, or in tests a record of one.
package protocol CardTransport: ~Copyable {
    /// Sends a command and lends the answer, which has its two bytes of status at least.
    ///
    /// Errors: `CardFailure`; after `wasReset` and `garbled` the card may be `recover`ed.
    func transmit<Value>(
        _ command: [UInt8],
        _ body: (UnsafeRawBufferPointer) -> Value
    ) throws(CardFailure) -> Value

    /// Lets other programs at the card between two files, and takes it back.
    ///
    /// Errors: `wasReset` where one of them has reset it.
    func letOthers() throws(CardFailure)

    /// Connects to the card anew after `wasReset`, or resets it: that ends others' sessions.
    mutating func recover(reset: Bool) throws(CardFailure)
}
