/// The transmissions of a Topcon RM-8000: `A`, fields that each end with CR, and EOT.
struct RM8000Framing: SerialFraming {
    static let name = "rm8000"
    static let line = SerialLine(baud: 2400)

    /// The fields of the transmission that is under way or has just ended, without their ends.
    private(set) var fields: [[UInt8]] = []
    private var field: [UInt8]?
    private var hasEnded = false

    private static let carriageReturn: UInt8 = 0x0D, lineFeed: UInt8 = 0x0A
    private static let endOfTransmission: UInt8 = 0x04
    private static let maximumField = 32
    private static let maximumFields = 32

    mutating func take(_ byte: UInt8) -> SerialStep {
        if hasEnded { self = RM8000Framing() }
        guard var field else { return begin(byte) }
        switch byte {
        case Self.carriageReturn:
            guard fields.count < Self.maximumFields else { return end(.broken(.tooLong)) }
            fields.append(field)
            self.field = []
            return .part
        case Self.lineFeed:
            // Some firmware ends its fields with both.
            return field.isEmpty ? .part : end(.broken(.malformed))
        case Self.endOfTransmission:
            return end(field.isEmpty ? .whole : .broken(.malformed))
        default:
            // `A` alone is noise until a CR follows it.
            if fields.isEmpty { return begin(byte) }
            guard SerialText.isPrintable(byte), field.count < Self.maximumField else {
                return end(.broken(.malformed))
            }
            field.append(byte)
            self.field = field
            return .part
        }
    }

    private mutating func begin(_ byte: UInt8) -> SerialStep {
        field = byte == UInt8(ascii: "A") ? [byte] : nil
        return field == nil ? .noise : .part
    }

    private mutating func end(_ step: SerialStep) -> SerialStep {
        hasEnded = true
        return step
    }
}
