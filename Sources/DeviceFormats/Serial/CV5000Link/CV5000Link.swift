import Shared

/// A capture of the line between a CV-5000's controller and its head, as a file of its own.
///
/// It is recognised so that it is not taken for something unknown, and gives no reading: lenses
/// that stood in the phoropter for a moment are no prescription.
enum CV5000Link: DocumentFormat {
    static let name = CV5000LinkFraming.name
    static let decoderVersion = 1
    static let maximumBytes = SerialDump.maximumBytes

    static func recognises(_ document: DeviceDocument) -> Bool {
        let bytes = document.bytes
        guard bytes.first == 0x01, let end = bytes.prefix(8).firstIndex(of: 0x0D) else {
            return false
        }
        // The first field is the frame's name.
        return (2...5).contains(end)
            && bytes[1..<end].allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte)
            }
    }

    static func completeness(of document: DeviceDocument) -> Completeness {
        .undecidable
    }

    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        try readings(document.bytes, isWhole: true, reference)
    }

    /// Never a reading.
    ///
    /// Errors: `malformed` where bytes stand outside of frames; `truncated` where the last frame
    /// has no end.
    static func readings(
        _ bytes: [UInt8],
        isWhole: Bool,
        _ reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        var framing = CV5000LinkFraming()
        let steps = SerialDump.steps(of: bytes, through: &framing)
        guard !steps.contains(.noise) else {
            throw DocumentFailure(.malformed, "Bytes stand outside of the link's frames.")
        }
        guard !isWhole || bytes.last == 0x04 else { throw SerialDump.cut }
        return []
    }
}
