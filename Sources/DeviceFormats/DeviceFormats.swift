package import Shared

/// The door through which every device's file becomes readings: bytes in, readings or a typed
/// error out; no clock, no file system, no locale.
package enum DeviceFormats {
    /// Every format that the product reads; the first that recognises a document decodes it.
    static let formats: [any DocumentFormat.Type] = [
        JOIA.self, Optic.self, Visionix.self, GDT.self, SerialRecordingFormat.self, L70.self,
        RM8000.self, KR8900.self, CV5000Link.self,
    ]

    /// The largest document that any format decodes.
    package static var maximumBytes: Int { formats.map { $0.maximumBytes }.max() ?? 0 }

    /// Decodes a document; `tables` are what an administrator may have extended.
    ///
    /// Errors: every code of `DocumentFailure` but `unreadable`.
    package static func decode(
        _ document: DeviceDocument,
        tables: DecodingTables = DecodingTables()
    ) throws(DocumentFailure) -> DecodedDocument {
        guard !document.bytes.isEmpty else {
            throw DocumentFailure(.truncated, "The file is empty.")
        }
        guard let format = format(for: document) else {
            throw ExamXML.failure(ofUnnamed: document)
                ?? DocumentFailure(.unsupported, "No decoder knows this format.")
        }
        guard document.bytes.count <= format.maximumBytes else {
            let limit = format.maximumBytes / 1024
            throw DocumentFailure(.tooLarge, "The file is larger than \(limit) KiB.")
        }
        let readings = try format.decode(document, as: reference(to: document), with: tables)
        guard readings.count <= Limits.readingsPerDocument,
            readings.allSatisfy({ $0.reading.values.count <= Limits.valuesPerReading })
        else { throw DocumentFailure(.malformed, "The file holds more data than an exam can.") }
        return DecodedDocument(
            format: format.name,
            decoderVersion: format.decoderVersion,
            readings: readings
        )
    }

    /// Whether a file is all there; `.incomplete` for an empty one.
    package static func completeness(of document: DeviceDocument) -> Completeness {
        guard !document.bytes.isEmpty else { return .incomplete }
        return format(for: document)?.completeness(of: document)
            ?? ExamXML.completeness(of: document)
    }

    /// The document's address, with the format that recognises it.
    package static func reference(to document: DeviceDocument) -> DocumentReference {
        DocumentReference(
            sha256: Digest256(of: document.bytes),
            format: format(for: document)?.name,
            bytes: document.bytes.count,
            name: document.name
        )
    }

    private static func format(for document: DeviceDocument) -> (any DocumentFormat.Type)? {
        formats.first { $0.recognises(document) }
    }
}
