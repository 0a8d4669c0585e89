@testable import DeviceFormats

/// Builds a record with right lengths, for tests that bend one thing at a time.
struct GDTFile {
    var kind = "6310"
    var charset: String? = "3"
    var patient = [("3000", "1002517"), ("3101", "PROBE"), ("3102", "Lena")]
    var lines: [(String, String)] = []

    static func test(_ ident: String, _ value: String, _ unit: String? = nil) -> [(String, String)]
    {
        [("8410", ident), ("8420", value)] + (unit.map { [("8421", $0)] } ?? [])
    }

    /// Every character below U+0100, as ISO 8859-1 has it.
    static func line(_ field: String, _ content: String) -> [UInt8] {
        let bytes = content.unicodeScalars.map { UInt8($0.value) }
        let length = String(bytes.count + 9)
        let zeros = String(repeating: "0", count: 3 - length.count)
        return Array("\(zeros)\(length)\(field)".utf8) + bytes + [0x0D, 0x0A]
    }

    var bytes: [UInt8] {
        let all = (charset.map { [("9206", $0)] } ?? []) + patient + lines
        let rest = all.flatMap { Self.line($0.0, $0.1) }
        let first = Self.line("8000", kind)
        let total = String(first.count + 14 + rest.count)
        let zeros = String(repeating: "0", count: 5 - total.count)
        return first + Self.line("8100", zeros + total) + rest
    }

    var document: DeviceDocument { DeviceDocument(bytes: bytes, name: "GERAETE1.001") }

    /// The same bytes with one text in the place of another of the same length.
    func replacing(_ text: String, with other: String) -> DeviceDocument {
        precondition(text.utf8.count == other.utf8.count, "the record's length must stay")
        var bytes = bytes
        if let range = bytes.firstRange(of: Array(text.utf8)) {
            bytes.replaceSubrange(range, with: Array(other.utf8))
        }
        return DeviceDocument(bytes: bytes, name: "GERAETE1.001")
    }
}
