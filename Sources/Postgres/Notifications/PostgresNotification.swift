/// What a listener gets.
package struct PostgresNotification: Sendable, Hashable {
    /// The channel that it was sent on; empty for `.reconnected`.
    package let channel: String
    /// What was sent along, at most 8000 bytes.
    package let payload: String

    /// Listening has begun or begun again: anything may have been missed until now.
    package static let reconnected = PostgresNotification(channel: "", payload: "")
}
