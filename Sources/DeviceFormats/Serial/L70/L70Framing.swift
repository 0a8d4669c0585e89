/// The transmissions of a Luneau L70 that is set to `Nikon`: blocks that are acknowledged one by
/// one, between an enquiry and an end.
///
/// See the README beside the folder for what is verified.
struct L70Framing: SerialFraming {
    static let name = "l70"
    static let line = SerialLine(baud: 9600, stopBits: 2)
    static let silence: Duration = .seconds(3)

    /// One block of text as it came.
    struct Block: Equatable {
        /// The text between the leading control byte and the end byte.
        var text: [UInt8] = []
        /// The control byte in front: 01 or 02.
        var first: UInt8
        /// 17 where more blocks follow, 03 for the last one.
        var last: UInt8 = 0
        /// The two bytes behind it, in their order.
        var checksum: [UInt8] = []
    }

    /// The whole blocks of the transmission that is under way or has just ended.
    private(set) var blocks: [Block] = []
    private var state = State.idle
    private var hasEnded = false

    private enum State {
        case idle
        /// Some bytes of a control frame of three.
        case control([UInt8])
        case text(Block)
        case checksum(Block)
    }

    /// The end of a block that others follow, and of the last one.
    private static let endOfBlock: UInt8 = 0x17, endOfText: UInt8 = 0x03
    private static let enquiry: UInt8 = 0x05, endOfTransmission: UInt8 = 0x04
    private static let acknowledgement: [UInt8] = [0x06, 0x06, 0x00]
    /// Longer than any block that is known.
    private static let maximumText = 64
    private static let maximumBlocks = 64

    mutating func take(_ byte: UInt8) -> SerialStep {
        switch state {
        case .idle: return begin(byte)
        case .control(let bytes): return control(bytes + [byte])
        case .text(var block):
            if SerialText.isPrintable(byte), block.text.count < Self.maximumText {
                block.text.append(byte)
                state = .text(block)
                return .part
            }
            guard byte == Self.endOfBlock || byte == Self.endOfText, !block.text.isEmpty else {
                return breakOff(.malformed)
            }
            block.last = byte
            state = .checksum(block)
            return .part
        case .checksum(var block):
            block.checksum.append(byte)
            state = .checksum(block)
            return block.checksum.count < 2 ? .part : finish(block)
        }
    }

    private mutating func begin(_ byte: UInt8) -> SerialStep {
        if hasEnded { (blocks, hasEnded) = ([], false) }
        switch byte {
        case Self.enquiry, Self.endOfTransmission: state = .control([byte])
        case 0x01, 0x02: state = .text(Block(first: byte))
        default: return .noise
        }
        return .part
    }

    /// `05 05 00` and `04 04 00`: the control byte and its own sum.
    private mutating func control(_ bytes: [UInt8]) -> SerialStep {
        let isRight = bytes.elementsEqual([bytes[0], bytes[0], 0].prefix(bytes.count))
        guard isRight else { return blocks.isEmpty ? forget() : breakOff(.malformed) }
        state = bytes.count < 3 ? .control(bytes) : .idle
        guard bytes.count == 3 else { return .part }
        if bytes[0] == Self.enquiry {
            guard blocks.isEmpty else {
                // The device starts over: what came before has no end. It waits for our answer.
                hasEnded = true
                return .restart(Self.acknowledgement)
            }
            return .reply(Self.acknowledgement)
        }
        guard let last = blocks.last else { return .part }
        hasEnded = true
        return last.last == Self.endOfText ? .whole : .broken(.malformed)
    }

    private mutating func finish(_ block: Block) -> SerialStep {
        state = .idle
        guard blocks.count < Self.maximumBlocks else { return breakOff(.tooLong) }
        // A device that missed our answer sends its block again.
        if blocks.last != block { blocks.append(block) }
        return .reply(Self.acknowledgement)
    }

    private mutating func breakOff(_ reason: SerialRecording.Break) -> SerialStep {
        state = .idle
        hasEnded = true
        return .broken(reason)
    }

    private mutating func forget() -> SerialStep {
        state = .idle
        return .noise
    }
}
