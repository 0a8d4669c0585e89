/// How a QR code of one version is laid out, and how its bytes are made.
struct QRPlan: Sendable {
    let version: Int

    /// The smallest version that holds so many bytes; nil where none of the twenty does.
    init?(bytes: Int) {
        guard
            let version = (1...20).first(where: {
                let plan = QRPlan(version: $0)
                return plan.headerBits + bytes * 8 <= plan.dataCodewords * 8
            })
        else { return nil }
        self.init(version: version)
    }

    private init(version: Int) {
        self.version = version
    }

    /// Modules on a side.
    var size: Int { version * 4 + 17 }

    /// Mode and length before the text.
    private var headerBits: Int { version < 10 ? 12 : 20 }

    // Error correction M, versions 1 to 20 (ISO/IEC 18004, table 9).
    private static let correctionBytes = [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
    ]
    private static let blocks = [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
    ]

    private var correction: Int { Self.correctionBytes[version - 1] }
    private var blocks: Int { Self.blocks[version - 1] }

    /// Bytes of text and correction together.
    private var allCodewords: Int {
        var modules = (16 * version + 128) * version + 64
        if version >= 2 {
            let count = version / 7 + 2
            modules -= (25 * count - 10) * count - 55
            if version >= 7 { modules -= 36 }
        }
        return modules / 8
    }

    private var dataCodewords: Int { allCodewords - correction * blocks }

    /// The centres of the alignment patterns, along each side.
    var alignment: [Int] {
        guard version > 1 else { return [] }
        let count = version / 7 + 2
        let step = (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2
        return [6] + (0..<count - 1).reversed().map { size - 7 - $0 * step }
    }

    /// The version as 18 bits, the lowest first; none before version 7.
    var versionBits: [Bool] {
        guard version >= 7 else { return [] }
        let rest = (0..<12).reduce(version) { rest, _ in rest << 1 ^ (rest >> 11) * 0x1F25 }
        let bits = version << 12 | rest
        return (0..<18).map { bits >> $0 & 1 == 1 }
    }

    /// Correction M and the mask as 15 bits.
    static func formatBits(mask: Int) -> Int {
        let rest = (0..<10).reduce(mask) { rest, _ in rest << 1 ^ (rest >> 9) * 0x537 }
        return (mask << 10 | rest) ^ 0x5412
    }

    /// Whether a mask inverts a module.
    static func isInverted(_ x: Int, _ y: Int, by mask: Int) -> Bool {
        switch mask {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: x * y % 2 + x * y % 3 == 0
        case 6: (x * y % 2 + x * y % 3) % 2 == 0
        default: ((x + y) % 2 + x * y % 3) % 2 == 0
        }
    }

    /// The bytes of a text with their correction, in the order in which they are drawn.
    func codewords(of text: [UInt8]) -> [UInt8] {
        let data = dataCodewords(of: text)
        let divisor = ReedSolomon.divisor(degree: correction)
        let shortLength = allCodewords / blocks - correction
        let shortBlocks = blocks - allCodewords % blocks
        var parts: [(data: ArraySlice<UInt8>, correction: [UInt8])] = []
        var start = 0
        for block in 0..<blocks {
            let end = start + shortLength + (block < shortBlocks ? 0 : 1)
            let part = data[start..<end]
            parts.append((part, ReedSolomon.remainder(of: part, by: divisor)))
            start = end
        }
        var result: [UInt8] = []
        for index in 0...shortLength {
            for part in parts where index < part.data.count {
                result.append(part.data[part.data.startIndex + index])
            }
        }
        for index in 0..<correction { for part in parts { result.append(part.correction[index]) } }
        return result
    }

    private func dataCodewords(of text: [UInt8]) -> [UInt8] {
        var bits: [Bool] = []
        func append(_ value: Int, _ count: Int) {
            for place in (0..<count).reversed() { bits.append(value >> place & 1 == 1) }
        }
        append(0b0100, 4)
        append(text.count, headerBits - 4)
        for byte in text { append(Int(byte), 8) }
        append(0, min(4, dataCodewords * 8 - bits.count))
        append(0, (8 - bits.count % 8) % 8)
        var bytes = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        var isFirst = true
        while bytes.count < dataCodewords {
            bytes.append(isFirst ? 0xEC : 0x11)
            isFirst.toggle()
        }
        return bytes
    }
}

/// Reed and Solomon's code over the field of 256 elements with the polynomial 0x11D.
enum ReedSolomon {
    /// The generator polynomial without its leading one, the highest power first.
    static func divisor(degree: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                result[index] = product(result[index], root)
                if index + 1 < degree { result[index] ^= result[index + 1] }
            }
            root = product(root, 2)
        }
        return result
    }

    /// The correction of `data`.
    static func remainder(of data: some Sequence<UInt8>, by divisor: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: divisor.count)
        for byte in data {
            let factor = byte ^ result.removeFirst()
            result.append(0)
            for index in 0..<divisor.count { result[index] ^= product(divisor[index], factor) }
        }
        return result
    }

    static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var result = 0
        for place in (0..<8).reversed() {
            result = result << 1 ^ (result >> 7) * 0x11D
            result ^= Int(right >> place & 1) * Int(left)
        }
        return UInt8(truncatingIfNeeded: result)
    }
}
