/// The binary form of a one-dimensional array, as the server's `array_recv` reads it.
///
/// Big-endian 32-bit words: dimensions, a flag for nulls, the element type, the length, the lower
/// bound; then each element's length and bytes, or -1 for NULL.
struct BinaryArray {
    /// The type numbers in every server's catalogue (`pg_type.dat`).
    static let byteaType: Int32 = 17
    static let bigintType: Int32 = 20
    static let textType: Int32 = 25
    static let timestamptzType: Int32 = 1184
    static let uuidType: Int32 = 2950

    /// What was written so far.
    private(set) var bytes: [UInt8] = []

    /// Begins an array of so many elements; exactly that many have to follow.
    init(type: Int32, count: Int) {
        bytes.reserveCapacity(20 + count * 20)
        append(word: count == 0 ? 0 : 1)
        append(word: 0)
        append(word: type)
        guard count > 0 else { return }
        append(word: Int32(clamping: count))
        append(word: 1)
    }

    /// Writes `elements` as `bytea[]`.
    static func bytes(of elements: [[UInt8]]) -> [UInt8] {
        var array = BinaryArray(type: byteaType, count: elements.count)
        array.bytes.reserveCapacity(20 + elements.reduce(0) { $0 + 4 + $1.count })
        for element in elements { array.append(element) }
        return array.bytes
    }

    /// Writes an element in its type's binary form.
    mutating func append(_ element: some Collection<UInt8>) {
        append(word: Int32(clamping: element.count))
        bytes += element
    }

    /// Writes NULL.
    mutating func appendNull() {
        bytes[7] = 1
        append(word: -1)
    }

    private mutating func append(word: Int32) {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
