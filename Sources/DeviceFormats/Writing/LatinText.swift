/// Names in the characters that old devices know: Latin-1, or ASCII for file names.
///
/// A letter that Latin-1 lacks is written as the letter without its mark, by the table of the
/// README; what has no entry there has no form, and the name is refused.
enum LatinText {
    /// A text in Latin-1.
    struct Latin1: Equatable {
        var bytes: [UInt8]
        /// True where a character was replaced by another.
        var isAltered: Bool

        /// The same as text.
        var text: String { String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })) }
    }

    /// The text in Latin-1 without `forbidden`; nil where a character has no form there.
    static func latin1(_ text: String, without forbidden: Set<UInt8>) -> Latin1? {
        var result = Latin1(bytes: [], isAltered: false)
        for character in text {
            if let byte = latin1Bytes[character] {
                result.bytes.append(byte)
            } else if let replacement = replacements[character] {
                result.bytes += replacement.utf8
                result.isAltered = true
            } else {
                return nil
            }
        }
        return result.bytes.contains(where: forbidden.contains) ? nil : result
    }

    /// Letters, digits and hyphens alone, for a part of a file's name; `x` where none is left.
    ///
    /// A file's name is not what a device shows, so here everything else may become a hyphen.
    static func fileNamePart(_ text: String, maximum: Int = 40) -> String {
        var bytes: [UInt8] = []
        for character in text {
            let plain = asciiLetters[character] ?? replacements[character] ?? String(character)
            for byte in plain.utf8.prefix(3) {
                let isSafe =
                    (48...57).contains(byte) || (65...90).contains(byte)
                    || (97...122).contains(byte)
                if isSafe {
                    bytes.append(byte)
                } else if bytes.last != hyphen {
                    bytes.append(hyphen)
                }
            }
        }
        let part = bytes.drop { $0 == hyphen }.prefix(maximum)
        let end = part.lastIndex { $0 != hyphen }
        guard let end else { return "x" }
        return String(decoding: part[...end], as: UTF8.self)
    }

    private static let hyphen = UInt8(ascii: "-")

    /// Every printable character of Latin-1, however it is composed.
    private static let latin1Bytes: [Character: UInt8] = {
        let ascii = UInt8(0x20)...0x7E
        // Multiplication and division signs are in the middle of the letters.
        let letters = (UInt8(0xC0)...0xFF).filter { $0 != 0xD7 && $0 != 0xF7 }
        // The middle dot of Catalan names.
        return (Array(ascii) + letters + [0xB7]).reduce(into: [:]) {
            $0[Character(Unicode.Scalar($1))] = $1
        }
    }()

    private static let replacements = table([
        ("A", "ĀĂĄǍ"), ("a", "āăąǎ"), ("AE", "Ǽ"), ("ae", "ǽ"), ("C", "ĆĈĊČ"), ("c", "ćĉċč"),
        ("D", "ĎĐ"), ("d", "ďđ"), ("E", "ĒĔĖĘĚ"), ("e", "ēĕėęě"), ("G", "ĜĞĠĢ"), ("g", "ĝğġģ"),
        ("H", "ĤĦ"), ("h", "ĥħ"), ("I", "ĨĪĬĮİ"), ("i", "ĩīĭįı"), ("IJ", "Ĳ"), ("ij", "ĳ"),
        ("J", "Ĵ"), ("j", "ĵ"), ("K", "Ķ"), ("k", "ķ"), ("L", "ĹĻĽĿŁ"), ("l", "ĺļľŀł"),
        ("N", "ŃŅŇ"), ("n", "ńņň"), ("O", "ŌŎŐ"), ("o", "ōŏő"), ("OE", "Œ"), ("oe", "œ"),
        ("R", "ŔŖŘ"), ("r", "ŕŗř"), ("S", "ŚŜŞŠȘ"), ("s", "śŝşšș"), ("SS", "ẞ"),
        ("T", "ŢŤŦȚ"), ("t", "ţťŧț"), ("U", "ŨŪŬŮŰŲ"), ("u", "ũūŭůűų"), ("W", "Ŵ"), ("w", "ŵ"),
        ("Y", "ŶŸ"), ("y", "ŷ"), ("Z", "ŹŻŽ"), ("z", "źżž"),
        ("'", "\u{2018}\u{2019}\u{02BC}\u{2032}"), ("-", "\u{2010}\u{2011}\u{2013}\u{2212}"),
        (" ", "\u{00A0}\u{202F}"),
    ])

    private static let asciiLetters = table([
        ("A", "ÀÁÂÃÄÅ"), ("a", "àáâãäå"), ("AE", "Æ"), ("ae", "æ"), ("C", "Ç"), ("c", "ç"),
        ("D", "Ð"), ("d", "ð"), ("E", "ÈÉÊË"), ("e", "èéêë"), ("I", "ÌÍÎÏ"), ("i", "ìíîï"),
        ("N", "Ñ"), ("n", "ñ"), ("O", "ÒÓÔÕÖØ"), ("o", "òóôõöø"), ("TH", "Þ"), ("th", "þ"),
        ("ss", "ß"), ("U", "ÙÚÛÜ"), ("u", "ùúûü"), ("Y", "Ý"), ("y", "ýÿ"),
    ])

    private static func table(_ rows: [(String, String)]) -> [Character: String] {
        rows.reduce(into: [:]) { table, row in
            for character in row.1 { table[character] = row.0 }
        }
    }
}
