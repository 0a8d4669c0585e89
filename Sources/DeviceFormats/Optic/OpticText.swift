import Shared

/// The bytes to parse: these files declare no encoding, and are not always in the one that this
/// means.
struct OpticText {
    /// UTF-8, or what the document declares.
    let bytes: [UInt8]
    /// True where the text was taken for Windows-1252.
    let isGuessed: Bool

    /// Leaves alone what declares an encoding, is UTF-8, or has zeros as UTF-16 has; anything else
    /// is Windows-1252.
    ///
    /// Errors: `encoding` for bytes that are none of these.
    init(_ bytes: [UInt8]) throws(DocumentFailure) {
        if bytes.contains(0) || Self.declaresEncoding(bytes)
            || String(validating: bytes, as: UTF8.self) != nil
        {
            (self.bytes, isGuessed) = (bytes, false)
            return
        }
        guard let text = Windows1252.text(of: bytes) else {
            throw DocumentFailure(
                .encoding,
                "The file holds bytes that are no text in any encoding of this format."
            )
        }
        (self.bytes, isGuessed) = (Array(text.utf8), true)
    }

    private static func declaresEncoding(_ bytes: [UInt8]) -> Bool {
        let head = bytes.prefix(256)
        guard let end = head.firstRange(of: Array("?>".utf8)) else { return false }
        return head[..<end.lowerBound].firstRange(of: Array("encoding".utf8)) != nil
    }
}
