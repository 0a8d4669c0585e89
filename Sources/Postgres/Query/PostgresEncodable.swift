/// A value that can be bound to a statement.
package protocol PostgresEncodable: Sendable {
    /// The value as it is sent.
    var postgresValue: PostgresValue { get }
}

extension String: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(self) }
}

extension Bool: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(self ? "true" : "false") }
}

extension Int: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(String(self)) }
}

extension Int32: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(String(self)) }
}

extension Int64: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(String(self)) }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package var postgresValue: PostgresValue { self?.postgresValue ?? .null }
}

/// `[UInt8]` binds as `bytea`; every other array as a one-dimensional SQL array, for `unnest`.
extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package var postgresValue: PostgresValue { Element.postgresArray(of: self) }
}
