/// One value on its way to or from the server.
package enum PostgresValue: Sendable, Hashable {
    /// SQL's NULL.
    case null
    /// A value in its text form; the server infers the type. It may hold no NUL character.
    case text(String)
    /// A value in its binary form; for `bytea` that is the bytes themselves.
    case bytes([UInt8])
}
