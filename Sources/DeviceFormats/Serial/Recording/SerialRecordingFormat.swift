import Shared

/// The recordings of serial devices, decoded by the protocol that each of them names.
enum SerialRecordingFormat: DocumentFormat {
    static let name = "serial"
    static let decoderVersion = 1
    static let maximumBytes = SerialRecording.maximumText

    static func recognises(_ document: DeviceDocument) -> Bool {
        let mark = Array(SerialRecording.mark.utf8)
        let head = document.bytes.prefix(mark.count)
        return head.count >= 7 && mark.starts(with: head)
    }

    static func completeness(of document: DeviceDocument) -> Completeness {
        guard document.bytes.last == 0x0A, SerialRecording.endLine(of: document.bytes) != nil
        else { return .incomplete }
        return .complete
    }

    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        let recording = try SerialRecording(document.bytes)
        guard let decode = SerialProtocols.named(recording.protocolName)?.decode else {
            // A failure, so that the quarantine shows it to a person: someone measured something.
            throw DocumentFailure(
                .unsupported,
                "No decoder knows what this serial device sends; the recording is kept."
            )
        }
        guard recording.ending != .unrecognised else {
            throw DocumentFailure(
                .unsupported,
                "The device sent nothing that its protocol knows; the recording is kept."
            )
        }
        let readings = try decode(recording.received, recording.ending == nil, reference)
        guard !readings.isEmpty || recording.ending == nil else { throw SerialDump.cut }
        return readings
    }
}
