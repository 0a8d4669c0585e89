/// The frames between a Topcon CV-5000's controller and its head, as a tap on the line hears them.
///
/// Frames show what is in the phoropter now. None is a result, none is kept, and nothing is ever
/// sent.
struct CV5000LinkFraming: SerialFraming {
    static let name = "cv5000-link"
    static let line = SerialLine(baud: 9600)
    static let isRecorded = false

    private var frame: [UInt8]?
    private var state = PhoropterState()

    private static let startOfHeading: UInt8 = 0x01, endOfTransmission: UInt8 = 0x04
    private static let carriageReturn: UInt8 = 0x0D
    private static let maximumFrame = 128

    mutating func take(_ byte: UInt8) -> SerialStep {
        if byte == Self.startOfHeading {
            // A frame that was not ended is lost; it shows nothing.
            frame = []
            return .part
        }
        guard let bytes = frame else { return .noise }
        if byte == Self.endOfTransmission {
            frame = nil
            return ended(bytes)
        }
        guard SerialText.isPrintable(byte) || byte == Self.carriageReturn,
            bytes.count < Self.maximumFrame
        else {
            frame = nil
            return .noise
        }
        frame = bytes + [byte]
        return .part
    }

    private mutating func ended(_ bytes: [UInt8]) -> SerialStep {
        guard bytes.last == Self.carriageReturn else { return .noise }
        let fields = bytes.dropLast()
            .split(separator: Self.carriageReturn, omittingEmptySubsequences: false)
            .map(SerialText.text)
        // With its two control bytes the frame has exactly 54.
        let isLenses = fields[0] == "B"
        guard isLenses ? bytes.count == 52 && state.takeLenses(fields) : state.takeOther(fields)
        else { return isLenses ? .noise : .part }
        return .live(.phoropter(state))
    }
}
