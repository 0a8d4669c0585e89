/// The text of a Topcon KR-8900: lines that begin with a date and end with the line behind the
/// one that names the device.
struct KR8900Framing: SerialFraming {
    static let name = "kr8900"
    static let line = SerialLine(baud: 9600)

    /// The lines of the transmission that is under way or has just ended, without their ends and
    /// without those that the device marks as no data.
    private(set) var lines: [[UInt8]] = []
    private var line: [UInt8] = []
    private var hasEnded = false
    private var isNamed = false

    private static let maximumLine = 64
    private static let maximumLines = 64

    mutating func take(_ byte: UInt8) -> SerialStep {
        if hasEnded { self = KR8900Framing() }
        guard byte == 0x0A else {
            guard SerialText.isPrintable(byte) || byte == 0x0D, line.count < Self.maximumLine
            else {
                guard lines.isEmpty else { return end(.broken(.malformed)) }
                line = []
                return .noise
            }
            line.append(byte)
            return lines.isEmpty && !Self.mayBeDate(line[...]) ? .noise : .part
        }
        defer { line = [] }
        guard line.last == 0x0D else { return lines.isEmpty ? .noise : end(.broken(.malformed)) }
        return lineEnded(Array(line.dropLast()))
    }

    private mutating func lineEnded(_ line: [UInt8]) -> SerialStep {
        if lines.isEmpty {
            guard line.count == Self.datePattern.utf8.count, Self.mayBeDate(line[...]) else {
                return .noise
            }
        }
        if line.starts(with: "...".utf8) { return .part }
        guard lines.count < Self.maximumLines else { return end(.broken(.tooLong)) }
        lines.append(line)
        if isNamed { return end(.whole) }
        isNamed = line.starts(with: "KR-8900".utf8)
        return .part
    }

    private mutating func end(_ step: SerialStep) -> SerialStep {
        hasEnded = true
        return step
    }

    private static let datePattern = "dddd_dd_dd"

    /// True where a line is the date, or may become it.
    static func mayBeDate(_ line: ArraySlice<UInt8>) -> Bool {
        let bytes = line.last == 0x0D ? line.dropLast() : line
        return bytes.count <= datePattern.utf8.count
            && zip(bytes, datePattern.utf8).allSatisfy { byte, form in
                form == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == form
            }
    }
}
