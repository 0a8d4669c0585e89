import Shared

/// Text as devices wrote it before Unicode; written here by hand, so that no decoder of the product
/// is checked against its own tables.
enum LegacyText {
    /// Shift-JIS: ASCII, full-width and half-width katakana; anything else becomes `?`.
    static func shiftJIS(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar -> [UInt8] in
            switch scalar.value {
            case 0..<0x80: return [UInt8(scalar.value)]
            // The katakana are one row; 0x7F is left out of every row.
            case 0x30A1...0x30F6:
                let place = scalar.value - 0x30A1
                return [0x83, UInt8(0x40 + place + (place >= 0x3F ? 1 : 0))]
            case 0x30FC: return [0x81, 0x5B]
            case 0x3000: return [0x81, 0x40]
            case 0xFF61...0xFF9F: return [UInt8(scalar.value - 0xFF61 + 0xA1)]
            default: return [UInt8(ascii: "?")]
            }
        }
    }

    /// Code page 437; a letter that it lacks loses its accent.
    static func codePage437(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar -> [UInt8] in
            if scalar.isASCII { return [UInt8(scalar.value)] }
            if let byte = page437[scalar] { return [byte] }
            return Array(Names.ascii(String(scalar)).utf8)
        }
    }

    /// ISO 8859-1; a letter that it lacks loses its accent.
    static func latin1(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar -> [UInt8] in
            if let byte = UInt8(exactly: scalar.value) { return [byte] }
            return Array(Names.ascii(String(scalar)).utf8)
        }
    }

    private static let page437: [Unicode.Scalar: UInt8] = [
        "Ç": 0x80, "ü": 0x81, "é": 0x82, "â": 0x83, "ä": 0x84, "à": 0x85, "ç": 0x87, "ê": 0x88,
        "ë": 0x89, "è": 0x8A, "ï": 0x8B, "î": 0x8C, "Ä": 0x8E, "É": 0x90, "ô": 0x93, "ö": 0x94,
        "û": 0x96, "ù": 0x97, "Ö": 0x99, "Ü": 0x9A, "á": 0xA0, "í": 0xA1, "ó": 0xA2, "ú": 0xA3,
        "ñ": 0xA4, "Ñ": 0xA5, "ß": 0xE1,
    ]
}
