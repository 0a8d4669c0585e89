/// A value that a column can be read as.
///
/// A type conforms with the one initialiser that fits its column; the others throw.
package protocol PostgresDecodable: Sendable {
    /// Reads any value; NULL throws, unless the type is an Optional.
    init(postgresValue: PostgresValue) throws(PostgresError)
    /// Reads the text form of every type but `bytea`.
    init(postgresText: String) throws(PostgresError)
    /// Reads the bytes of a `bytea`.
    init(postgresBytes: [UInt8]) throws(PostgresError)
}

extension PostgresDecodable {
    package init(postgresValue: PostgresValue) throws(PostgresError) {
        switch postgresValue {
        case .null: throw .undecodable
        case .text(let text): try self.init(postgresText: text)
        case .bytes(let bytes): try self.init(postgresBytes: bytes)
        }
    }

    package init(postgresText: String) throws(PostgresError) { throw .undecodable }

    package init(postgresBytes: [UInt8]) throws(PostgresError) { throw .undecodable }
}

extension String: PostgresDecodable {
    package init(postgresText: String) throws(PostgresError) { self = postgresText }
}

extension Bool: PostgresDecodable {
    package init(postgresText: String) throws(PostgresError) {
        switch postgresText {
        case "t", "true": self = true
        case "f", "false": self = false
        default: throw .undecodable
        }
    }
}

extension Int: PostgresDecodable {
    package init(postgresText: String) throws(PostgresError) {
        guard let value = Int(postgresText) else { throw .undecodable }
        self = value
    }
}

extension Int32: PostgresDecodable {
    package init(postgresText: String) throws(PostgresError) {
        guard let value = Int32(postgresText) else { throw .undecodable }
        self = value
    }
}

extension Int64: PostgresDecodable {
    package init(postgresText: String) throws(PostgresError) {
        guard let value = Int64(postgresText) else { throw .undecodable }
        self = value
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package init(postgresValue: PostgresValue) throws(PostgresError) {
        self = postgresValue == .null ? nil : try Wrapped(postgresValue: postgresValue)
    }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    package init(postgresValue: PostgresValue) throws(PostgresError) {
        self = try Element.array(postgresValue: postgresValue)
    }
}
