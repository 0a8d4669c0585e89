/// A value whose arrays can be bound and decoded: `[String]` is `text[]`, `[UInt8]` is `bytea`.
///
/// A type that is `PostgresEncodable` or `PostgresDecodable` conforms with nothing more to write.
package protocol PostgresArrayElement: Sendable {
    /// An array of such values as it is sent.
    static func postgresArray(of elements: [Self]) -> PostgresValue
    /// Reads an array of such values back.
    static func array(postgresValue: PostgresValue) throws(PostgresError) -> [Self]
}

extension PostgresArrayElement {
    package static func postgresArray(of elements: [Self]) -> PostgresValue
    where Self: PostgresEncodable {
        .text(ArrayLiteral.text(of: elements.map(\.postgresValue)))
    }

    package static func array(postgresValue: PostgresValue) throws(PostgresError) -> [Self]
    where Self: PostgresDecodable {
        guard case .text(let literal) = postgresValue else { throw .undecodable }
        var elements: [Self] = []
        for value in try ArrayLiteral.values(in: literal) {
            elements.append(try Self(postgresValue: value))
        }
        return elements
    }
}

extension String: PostgresArrayElement {}
extension Bool: PostgresArrayElement {}
extension Int: PostgresArrayElement {}
extension Int32: PostgresArrayElement {}
extension Int64: PostgresArrayElement {}

extension Optional: PostgresArrayElement
where Wrapped: PostgresArrayElement & PostgresEncodable & PostgresDecodable {}

/// Not a value of its own (SQL has no such integer): `[UInt8]` is `bytea`.
extension UInt8: PostgresArrayElement {
    package static func postgresArray(of elements: [UInt8]) -> PostgresValue { .bytes(elements) }

    package static func array(
        postgresValue: PostgresValue
    ) throws(PostgresError) -> [UInt8] {
        switch postgresValue {
        case .null: throw .undecodable
        case .bytes(let bytes): return bytes
        case .text(let text):
            guard let bytes = ByteaText.bytes(in: text) else { throw .undecodable }
            return bytes
        }
    }
}

/// `[[UInt8]]` is `bytea[]`, bound in binary form: documents are not spelled out in hexadecimal.
extension Array: PostgresArrayElement where Element == UInt8 {
    package static func postgresArray(of elements: [[UInt8]]) -> PostgresValue {
        .bytes(BinaryArray.bytes(of: elements))
    }
}
