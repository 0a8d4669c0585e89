/// The text form of one-dimensional SQL arrays: `{1,"a \"b\"",NULL}`.
///
/// Source: PostgreSQL's manual, 8.15.6 "Array Input and Output Syntax".
enum ArrayLiteral {
    /// Writes `values`; every one that is not null is quoted, so none can look like `NULL`.
    static func text(of values: [PostgresValue]) -> String {
        var literal: [UInt8] = [UInt8(ascii: "{")]
        for (index, value) in values.enumerated() {
            if index > 0 { literal.append(UInt8(ascii: ",")) }
            switch value {
            case .null: literal += "NULL".utf8
            case .text(let text): appendQuoted(text.utf8, to: &literal)
            case .bytes(let bytes): appendQuoted(ByteaText.text(of: bytes).utf8, to: &literal)
            }
        }
        literal.append(UInt8(ascii: "}"))
        return String(decoding: literal, as: UTF8.self)
    }

    private static func appendQuoted(_ text: String.UTF8View, to literal: inout [UInt8]) {
        literal.append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                literal.append(UInt8(ascii: "\\"))
            }
            literal.append(byte)
        }
        literal.append(UInt8(ascii: "\""))
    }

    /// Reads what the server writes for a one-dimensional array.
    ///
    /// Errors: `undecodable` for anything else: more dimensions, other bounds, a cut literal.
    static func values(in literal: String) throws(PostgresError) -> [PostgresValue] {
        var reader = Reader(rest: Array(literal.utf8)[...])
        guard reader.take(UInt8(ascii: "{")) else { throw .undecodable }
        var values: [PostgresValue] = []
        if !reader.take(UInt8(ascii: "}")) {
            repeat {
                values.append(try reader.element())
            } while reader.take(UInt8(ascii: ","))
            guard reader.take(UInt8(ascii: "}")) else { throw .undecodable }
        }
        guard reader.rest.isEmpty else { throw .undecodable }
        return values
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        mutating func element() throws(PostgresError) -> PostgresValue {
            if take(UInt8(ascii: "\"")) { return .text(try quoted()) }
            var bytes: [UInt8] = []
            while let byte = rest.first, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") {
                guard byte != UInt8(ascii: "{"), byte != UInt8(ascii: "\"") else {
                    throw .undecodable
                }
                bytes.append(rest.removeFirst())
            }
            guard !bytes.isEmpty else { throw .undecodable }
            let text = String(decoding: bytes, as: UTF8.self)
            return text == "NULL" ? .null : .text(text)
        }

        private mutating func quoted() throws(PostgresError) -> String {
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let escaped = rest.popFirst() else { throw .undecodable }
                    bytes.append(escaped)
                default: bytes.append(byte)
                }
            }
            throw .undecodable
        }
    }
}
