/// The values of one statement laid out as libpq wants them.
///
/// One block of memory: a pointer into it per value, null for NULL; a format of 1 marks bytes.
struct ParameterBuffer {
    private var storage: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ values: [PostgresValue]) {
        for value in values {
            switch value {
            case .null: append([], offset: nil, format: 0)
            case .text(let text): append(text.utf8, offset: storage.count, format: 0)
            case .bytes(let bytes): append(bytes, offset: storage.count, format: 1)
            }
        }
        // Never empty, so that every offset has an address.
        storage.append(0)
    }

    private mutating func append(_ bytes: some Collection<UInt8>, offset: Int?, format: Int32) {
        offsets.append(offset)
        lengths.append(Int32(clamping: bytes.count))
        formats.append(format)
        guard offset != nil else { return }
        storage += bytes
        storage.append(0)
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
        storage.withUnsafeBytes { bytes in
            let base = bytes.bindMemory(to: CChar.self).baseAddress
            let pointers = Pointers(
                count: Int32(clamping: offsets.count),
                values: offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } },
                lengths: lengths,
                formats: formats
            )
            return body(pointers)
        }
    }
}
