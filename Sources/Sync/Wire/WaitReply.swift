/// The answer to a request that waits until something is new.
package struct WaitReply: Equatable, Sendable, Codable {
    /// Where the classes stand that have moved; none where the time was over.
    package var hints: [Hint]

    /// Takes the hints.
    package init(hints: [Hint]) {
        self.hints = hints
    }
}
