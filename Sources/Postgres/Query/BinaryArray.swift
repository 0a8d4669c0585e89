/// The binary form of `bytea[]`, as the server's `array_recv` reads it.
///
/// Big-endian 32-bit words: dimensions, a flag for nulls, the element type, the length, the lower
/// bound; then each element's length and bytes.
enum BinaryArray {
    /// The type number of `bytea` in every server's catalogue (`pg_type.dat`).
    static let byteaType: Int32 = 17

    /// Writes `elements`.
    static func bytes(of elements: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + elements.reduce(0) { $0 + 4 + $1.count })
        append(elements.isEmpty ? 0 : 1, to: &bytes)
        append(0, to: &bytes)
        append(byteaType, to: &bytes)
        guard !elements.isEmpty else { return bytes }
        append(Int32(clamping: elements.count), to: &bytes)
        append(1, to: &bytes)
        for element in elements {
            append(Int32(clamping: element.count), to: &bytes)
            bytes += element
        }
        return bytes
    }

    private static func append(_ word: Int32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
