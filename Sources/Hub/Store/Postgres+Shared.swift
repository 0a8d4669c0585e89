package import Postgres
package import Shared

extension Identifier: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package var postgresValue: PostgresValue { .text(description) }

    package init(postgresText text: String) throws(PostgresError) {
        guard let identifier = Identifier(text) else { throw .undecodable }
        self = identifier
    }
}

extension Digest256: PostgresEncodable, PostgresDecodable {
    package var postgresValue: PostgresValue { .bytes(bytes) }

    package init(postgresBytes bytes: [UInt8]) throws(PostgresError) {
        guard let digest = Digest256(bytes: bytes) else { throw .undecodable }
        self = digest
    }
}

extension Instant: PostgresEncodable, PostgresDecodable {
    package var postgresValue: PostgresValue { .text(description) }

    /// Reads `2026-11-20 09:14:37.218+00`, whatever the session's zone; microseconds are cut off.
    package init(postgresText text: String) throws(PostgresError) {
        let digits = Array(text.utf8)
        guard digits.count > 19,
            let sign = digits[19...].lastIndex(where: {
                $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
            }),
            let local = LocalTime(postgres: String(decoding: digits[..<sign], as: UTF8.self))
        else { throw .undecodable }
        let parts = String(decoding: digits[(sign + 1)...], as: UTF8.self)
            .split(separator: ":").map { Int64($0) }
        guard (1...3).contains(parts.count), parts.allSatisfy({ $0 != nil }) else {
            throw .undecodable
        }
        let seconds = zip(parts, [3600, 60, 1]).reduce(Int64(0)) { $0 + ($1.0 ?? 0) * $1.1 }
        let offset = digits[sign] == UInt8(ascii: "+") ? seconds : -seconds
        self.init(milliseconds: local.millisecondsAsUTC - offset * 1000)
    }
}

extension LocalTime: PostgresEncodable, PostgresDecodable {
    package var postgresValue: PostgresValue { .text(description) }

    package init(postgresText text: String) throws(PostgresError) {
        guard let time = LocalTime(postgres: text) else { throw .undecodable }
        self = time
    }

    /// Reads `2026-11-20 10:14:37.218`; microseconds are cut off.
    fileprivate init?(postgres text: String) {
        guard let space = text.firstIndex(of: " ") else { return nil }
        let clock = text[text.index(after: space)...].prefix(12)
        self.init("\(text[..<space])T\(clock)")
    }
}

extension PostgresColumn {
    /// A `uuid[]`; nil is NULL.
    static func identifiers(_ values: some Collection<Identifier?>) -> PostgresColumn {
        uuids(values.map { $0?.bytes })
    }

    /// A `timestamptz[]`; nil is NULL.
    static func instants(_ values: some Collection<Instant?>) -> PostgresColumn {
        timestamps(milliseconds: values.map { $0?.milliseconds })
    }
}
