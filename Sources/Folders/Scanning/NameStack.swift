/// Names that are still to be visited, packed into one buffer: the last in is the first out.
struct NameStack {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    var count: Int { ends.count }

    mutating func push(_ name: UnsafePointer<CChar>) {
        var position = name
        while position.pointee != 0 {
            bytes.append(UInt8(bitPattern: position.pointee))
            position += 1
        }
        ends.append(bytes.count)
    }

    mutating func pop() -> [UInt8]? {
        guard ends.popLast() != nil else { return nil }
        let start = ends.last ?? 0
        defer { bytes.removeSubrange(start...) }
        return Array(bytes[start...])
    }
}
