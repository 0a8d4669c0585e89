import Shared

/// What a Luneau L70 lensmeter sends in its `Nikon` mode, as a file of its own.
enum L70: DocumentFormat {
    static let name = L70Framing.name
    static let decoderVersion = 1
    static let maximumBytes = SerialDump.maximumBytes

    static func recognises(_ document: DeviceDocument) -> Bool {
        let marks: [[UInt8]] = [[0x05, 0x05, 0x00], [0x02] + "@LM".utf8, [0x01] + "@LM".utf8]
        return marks.contains { document.bytes.starts(with: $0) }
    }

    static func completeness(of document: DeviceDocument) -> Completeness {
        document.bytes.suffix(3).elementsEqual([0x04, 0x04, 0x00]) ? .complete : .incomplete
    }

    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        try readings(document.bytes, isWhole: true, reference)
    }

    /// The reading of one transmission; of a cut one the blocks that are whole, for a person.
    ///
    /// Errors: `truncated` where the end is not there though it is said to be; `malformed` where
    /// a block is not as the protocol has it or two blocks contradict each other.
    static func readings(
        _ bytes: [UInt8],
        isWhole: Bool,
        _ reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        var framing = L70Framing()
        var blocks: [L70Framing.Block] = []
        var isDone = false
        for byte in bytes {
            let step = framing.take(byte)
            guard !isDone || step == .part || step == .noise else { throw SerialDump.several }
            switch step {
            case .whole: (blocks, isDone) = (framing.blocks, true)
            case .broken, .restart:
                guard !isWhole else {
                    throw DocumentFailure(.malformed, "A block is not as the protocol has it.")
                }
                (blocks, isDone) = (framing.blocks, true)
            default: continue
            }
        }
        if !isDone {
            guard !isWhole else { throw SerialDump.cut }
            blocks = framing.blocks
        }
        var reader = L70Reader()
        for block in blocks { try reader.take(block.text) }
        return reader.reading(of: blocks, isWhole: isWhole, reference).map {
            [DecodedReading(reading: $0, pairing: nil)]
        } ?? []
    }
}
