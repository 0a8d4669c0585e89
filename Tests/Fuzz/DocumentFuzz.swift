import DeviceFormats
import Shared

/// Input: folders and a name with `/` between them, a zero, and the document's bytes.
enum DocumentFuzz {
    static func take(_ input: [UInt8]) {
        let end = input.prefix(80).firstIndex(of: 0)
        let path = end.map { String(decoding: input[..<$0], as: UTF8.self) } ?? "a"
        let parts = path.split(separator: "/").map(String.init)
        let document = DeviceDocument(
            bytes: Array(input[(end.map { $0 + 1 } ?? 0)...]),
            name: parts.last ?? "",
            folders: Array(parts.dropLast())
        )
        _ = DeviceFormats.completeness(of: document)
        _ = DeviceFormats.isIgnored(name: document.name)
        guard let decoded = try? DeviceFormats.decode(document) else { return }
        check(decoded, of: document)
        compareCut(of: document, with: decoded)
    }

    private static func check(_ decoded: DecodedDocument, of document: DeviceDocument) {
        let digest = Digest256(of: document.bytes)
        for reading in decoded.readings.map(\.reading) {
            precondition(reading.document.sha256 == digest, "a reading of other bytes")
            precondition(
                reading.values.allSatisfy { $0.value != nil || $0.text != nil },
                "a value without a number or a word"
            )
            precondition((try? JSON.encode(reading)) != nil, "a reading that cannot be sent")
            _ = ReadingSummary(reading)
        }
    }

    /// A cut never lies, for documents that nobody thought of as well.
    private static func compareCut(of document: DeviceDocument, with whole: DecodedDocument) {
        // Lines are all the structure that these have: a whole whose last line has no end is a cut
        // itself, and no measure for others.
        let hasLines = ["visionix", "gdt", "kr8900"].contains(whole.format)
        let isCut = hasLines && !document.bytes.suffix(2).contains(0x0A)
        let place = isCut ? 0 : document.bytes.count - 1 - Int(document.bytes.last ?? 0) % 64
        guard place > 0 else { return }
        let cut = DeviceDocument(
            bytes: Array(document.bytes[..<place]),
            name: document.name,
            folders: document.folders
        )
        guard let part = try? DeviceFormats.decode(cut), part.format == whole.format else { return }
        let known = Set(whole.readings.flatMap(placed))
        for value in part.readings.flatMap(placed) {
            precondition(known.contains(value), "a cut gives a value that the whole has not")
        }
    }

    private struct Placed: Hashable {
        let kind: ReadingKind, label: String, value: ReadingValue
    }

    private static func placed(_ decoded: DecodedReading) -> [Placed] {
        decoded.reading.values.map {
            Placed(kind: decoded.reading.kind, label: decoded.reading.label, value: $0)
        }
    }
}
