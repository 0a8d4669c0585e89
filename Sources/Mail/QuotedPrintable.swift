/// Quoted-printable (RFC 2045, 6.7): text that stays readable as it is, in lines of 76 at most.
enum QuotedPrintable {
    private static let lineBytes = 76
    private static let digits = Array("0123456789ABCDEF")

    /// Encodes text, whose lines end with LF or CR LF; the result's end with CR LF.
    static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 where byte != 13 { bytes.append(byte) }
        return bytes.split(separator: 10, omittingEmptySubsequences: false)
            .map(line).joined(separator: "\r\n")
    }

    private static func line(_ bytes: ArraySlice<UInt8>) -> String {
        var lines: [String] = []
        var current = ""
        for (index, byte) in zip(bytes.indices, bytes) {
            let isLast = index == bytes.index(before: bytes.endIndex)
            let isPlain = (33...126).contains(byte) && byte != UInt8(ascii: "=")
            // A blank at the end of a line is lost on the way.
            let isBlank = (byte == 32 || byte == 9) && !isLast
            let piece =
                isPlain || isBlank
                ? String(UnicodeScalar(byte))
                : "=\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            if current.utf8.count + piece.utf8.count > lineBytes - 1 {
                lines.append(current + "=")
                current = ""
            }
            current += piece
        }
        return (lines + [current]).joined(separator: "\r\n")
    }
}
