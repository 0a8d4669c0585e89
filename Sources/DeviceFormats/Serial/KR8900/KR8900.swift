import Shared

/// The text of a Topcon KR-8900 auto kerato-refractometer, as a file of its own.
enum KR8900: DocumentFormat {
    static let name = KR8900Framing.name
    static let decoderVersion = 1
    static let maximumBytes = SerialDump.maximumBytes

    static func recognises(_ document: DeviceDocument) -> Bool {
        let head = document.bytes.prefix(10)
        return head.count >= 5 && KR8900Framing.mayBeDate(head)
    }

    static func completeness(of document: DeviceDocument) -> Completeness {
        var framing = KR8900Framing()
        let steps = SerialDump.steps(of: document.bytes, through: &framing)
        return steps.isEmpty ? .incomplete : .complete
    }

    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        try readings(document.bytes, isWhole: true, reference)
    }

    /// The readings of one whole transmission.
    ///
    /// Its lines have no names, only an order: of a cut one nothing is taken.
    ///
    /// Errors: `truncated` where the end has not come; `malformed` where the lines are not those
    /// of the format, or contradict each other.
    static func readings(
        _ bytes: [UInt8],
        isWhole: Bool,
        _ reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        var framing = KR8900Framing()
        let steps = SerialDump.steps(of: bytes, through: &framing).filter { $0 != .noise }
        guard steps.count < 2 else { throw SerialDump.several }
        switch steps.first {
        case nil: throw SerialDump.cut
        case .whole: break
        default:
            throw DocumentFailure(.malformed, "A line is not as the format has it.")
        }
        let file = try KR8900File(framing.lines.map(SerialText.text))
        return file.readings(reference).map { DecodedReading(reading: $0, pairing: nil) }
    }
}
