/// Header fields of a mail: RFC 5322, with words of other alphabets encoded as RFC 2047 says.
enum MailHeader {
    /// Where a line is folded; RFC 5322 recommends 78 with its end.
    private static let lineBytes = 76

    /// A whole field without its line end; long values go on in lines that begin with a blank.
    ///
    /// - Throws: `MessageError.control` where the value would end the line, or holds a control
    ///   character.
    static func field(_ name: String, _ value: String) throws(MessageError) -> String {
        // By scalars: Swift takes CR LF for one character.
        guard value.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
            throw .control(field: name)
        }
        return fold("\(name): \(encode(value))")
    }

    /// A mailbox as a field shows it.
    ///
    /// - Throws: `MessageError.control`.
    static func field(_ name: String, _ mailbox: Mailbox) throws(MessageError) -> String {
        guard let shown = mailbox.name, !shown.isEmpty else {
            return "\(name): \(mailbox.address)"
        }
        guard shown.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
            throw .control(field: name)
        }
        return fold("\(name): \(phrase(shown)) <\(mailbox.address)>")
    }

    /// Text as it is where it is ASCII, else as encoded words.
    private static func encode(_ text: String) -> String {
        let isPlain =
            text.utf8.allSatisfy { $0 < 128 } && !text.contains("=?")
            // A word that is longer than a line has nowhere to be folded.
            && text.split(separator: " ").allSatisfy { $0.utf8.count <= lineBytes }
        return isPlain ? text : words(text)
    }

    /// A name: words of letters as they are, quoted where there is anything else, encoded where it
    /// is not ASCII.
    private static func phrase(_ name: String) -> String {
        guard name.utf8.allSatisfy({ $0 < 128 }), !name.contains("=?"), name.utf8.count < 60 else {
            return words(name)
        }
        let isAtoms = name.utf8.allSatisfy { byte in
            byte == 32 || (48...57).contains(byte) || (65...90).contains(byte)
                || (97...122).contains(byte) || byte == UInt8(ascii: "-")
        }
        if isAtoms { return name }
        var quoted = ""
        for character in name {
            if character == "\"" || character == "\\" { quoted += "\\" }
            quoted.append(character)
        }
        return "\"\(quoted)\""
    }

    /// `=?UTF-8?B?…?=`, each of whole characters and of 75 bytes at most.
    private static func words(_ text: String) -> String {
        let room = 45
        var words: [String] = []
        var piece: [UInt8] = []
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if piece.count + bytes.count > room {
                words.append("=?UTF-8?B?\(Base64.encode(piece))?=")
                piece = []
            }
            piece += bytes
        }
        if !piece.isEmpty { words.append("=?UTF-8?B?\(Base64.encode(piece))?=") }
        return words.joined(separator: " ")
    }

    /// Breaks before blanks, so that no line is longer than it should be where that can be helped.
    private static func fold(_ line: String) -> String {
        var lines: [String] = []
        var current = ""
        for (index, word) in line.split(separator: " ", omittingEmptySubsequences: false)
            .enumerated()
        {
            if index == 0 {
                current = String(word)
            } else if current.utf8.count + 1 + word.utf8.count > lineBytes,
                // A line of blanks alone would be taken for the end of the header.
                current.contains(where: { $0 != " " }), !word.isEmpty
            {
                lines.append(current)
                current = " \(word)"
            } else {
                current += " \(word)"
            }
        }
        return (lines + [current]).joined(separator: "\r\n")
    }
}
