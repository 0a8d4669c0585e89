/// The values of one column for `unnest`, bound in binary form: for what comes by the thousand.
///
/// Nothing is quoted here and parsed there. The statement has to name the very type that the value
/// has, as in `unnest(\(ids)::uuid[])`; the server refuses another one.
package struct PostgresColumn: PostgresEncodable {
    /// The array as it is sent.
    package let postgresValue: PostgresValue

    private init(_ bytes: [UInt8]) {
        postgresValue = .bytes(bytes)
    }

    /// A `text[]` of UTF-8.
    package static func texts(_ values: some Collection<[UInt8]>) -> PostgresColumn {
        var array = BinaryArray(type: BinaryArray.textType, count: values.count)
        for value in values { array.append(value) }
        return PostgresColumn(array.bytes)
    }

    /// A `text[]`; nil is NULL.
    package static func texts(_ values: some Collection<String?>) -> PostgresColumn {
        var array = BinaryArray(type: BinaryArray.textType, count: values.count)
        for value in values {
            if let value { array.append(value.utf8) } else { array.appendNull() }
        }
        return PostgresColumn(array.bytes)
    }

    /// A `bytea[]`.
    package static func bytes(_ values: [[UInt8]]) -> PostgresColumn {
        PostgresColumn(BinaryArray.bytes(of: values))
    }

    /// A `uuid[]`, each of 16 bytes; nil is NULL.
    package static func uuids(_ values: some Collection<[UInt8]?>) -> PostgresColumn {
        var array = BinaryArray(type: BinaryArray.uuidType, count: values.count)
        for value in values {
            if let value { array.append(value) } else { array.appendNull() }
        }
        return PostgresColumn(array.bytes)
    }

    /// A `bigint[]`; nil is NULL.
    package static func bigints(_ values: some Collection<Int64?>) -> PostgresColumn {
        integers(values, type: BinaryArray.bigintType)
    }

    /// A `timestamptz[]` of milliseconds since 1970; nil is NULL.
    package static func timestamps(
        milliseconds values: some Collection<Int64?>
    ) -> PostgresColumn {
        integers(values.map { $0.map(microseconds) }, type: BinaryArray.timestamptzType)
    }

    /// The server counts microseconds since 2000.
    ///
    /// A time beyond what it counts becomes one that it refuses, and never one of its infinities.
    private static func microseconds(_ milliseconds: Int64) -> Int64 {
        let (since2000, isPast) = milliseconds.subtractingReportingOverflow(946_684_800_000)
        let (value, isOver) = since2000.multipliedReportingOverflow(by: 1000)
        guard isPast || isOver else { return value }
        return milliseconds < 0 ? .min + 1 : .max - 1
    }

    private static func integers(
        _ values: some Collection<Int64?>,
        type: Int32
    ) -> PostgresColumn {
        var array = BinaryArray(type: type, count: values.count)
        for value in values {
            if let value {
                withUnsafeBytes(of: value.bigEndian) { array.append($0) }
            } else {
                array.appendNull()
            }
        }
        return PostgresColumn(array.bytes)
    }
}
