/// The code page that Windows uses for Western European text.
enum Windows1252 {
    /// UTF-16 code units; nil for the five bytes that the code page leaves out.
    static func units(of bytes: [UInt8]) -> [UInt16]? {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count)
        for byte in bytes {
            guard (0x80...0x9F).contains(byte) else {
                units.append(UInt16(byte))
                continue
            }
            let unit = upper[Int(byte - 0x80)]
            guard unit != 0 else { return nil }
            units.append(unit)
        }
        return units
    }

    /// The text; nil where a byte has no character.
    static func text(of bytes: [UInt8]) -> String? {
        units(of: bytes).flatMap { String(validating: $0, as: UTF16.self) }
    }

    private static let upper: [UInt16] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
        0x0152, 0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC,
        0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
    ]
}

/// The code page that the IBM PC began with, which GDT files are written in by default.
enum CodePage437 {
    /// The text; every byte has a character.
    static func text(of bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes {
            text.append(byte < 0x80 ? Unicode.Scalar(byte) : upper[Int(byte) - 0x80])
        }
        return String(text)
    }

    private static let upper = Array(
        """
        ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ\
        áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
        └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
        αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}
        """.unicodeScalars
    )
}
