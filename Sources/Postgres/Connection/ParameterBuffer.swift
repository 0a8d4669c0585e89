/// The values of one statement laid out as libpq wants them.
///
/// A pointer for each value, null for NULL; a format of 1 marks bytes. Bytes, which can be many, are
/// pointed at where they are; text is copied together, each with the NUL that libpq looks for.
struct ParameterBuffer {
    private var storage: [UInt8] = []
    private var places: [Place] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    private enum Place {
        case null
        case text(offset: Int)
        case bytes([UInt8])
    }

    init(_ values: [PostgresValue]) {
        for value in values {
            switch value {
            case .null: append(.null, count: 0, format: 0)
            case .text(let text):
                append(.text(offset: storage.count), count: text.utf8.count, format: 0)
                storage += text.utf8
                storage.append(0)
            case .bytes(let bytes): append(.bytes(bytes), count: bytes.count, format: 1)
            }
        }
        // Never empty, so that every offset has an address.
        storage.append(0)
    }

    private mutating func append(_ place: Place, count: Int, format: Int32) {
        places.append(place)
        lengths.append(Int32(clamping: count))
        formats.append(format)
    }

    /// The arguments that all of libpq's calls with parameters share.
    struct Pointers {
        let count: Int32
        let values: [UnsafePointer<CChar>?]
        let lengths: [Int32]
        let formats: [Int32]
    }

    /// Calls `body` with pointers that are good until it returns.
    func withPointers<Result>(_ body: (Pointers) -> Result) -> Result {
        storage.withUnsafeBytes { withPointers($0, [], body) }
    }

    /// Adds the pointers behind those that it has: bytes are held where they are until the last one
    /// is known.
    private func withPointers<Result>(
        _ storage: UnsafeRawBufferPointer,
        _ known: [UnsafePointer<CChar>?],
        _ body: (Pointers) -> Result
    ) -> Result {
        var known = known
        let base = storage.bindMemory(to: CChar.self).baseAddress
        for place in places[known.count...] {
            switch place {
            case .null: known.append(nil)
            case .text(let offset): known.append(base?.advanced(by: offset))
            case .bytes(let bytes):
                return bytes.withUnsafeBytes {
                    // Empty bytes have no address, and are no NULL.
                    let start = $0.bindMemory(to: CChar.self).baseAddress ?? base
                    return withPointers(storage, known + [start], body)
                }
            }
        }
        return body(
            Pointers(
                count: Int32(clamping: places.count),
                values: known,
                lengths: lengths,
                formats: formats
            )
        )
    }
}
