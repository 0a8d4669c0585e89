/// The text form of `bytea`: `\x` and two hexadecimal digits for each byte.
enum ByteaText {
    /// Writes `bytes`.
    static func text(of bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 2 + bytes.count * 2) { buffer in
            buffer[0] = UInt8(ascii: "\\")
            buffer[1] = UInt8(ascii: "x")
            for (index, byte) in bytes.enumerated() {
                buffer[2 + index * 2] = digits[Int(byte >> 4)]
                buffer[3 + index * 2] = digits[Int(byte & 15)]
            }
            return 2 + bytes.count * 2
        }
    }

    /// Reads the server's text; nil for anything else, the old escape format included.
    static func bytes(in text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { bytes(in: $0) }
    }

    /// Reads the server's text where it lies.
    static func bytes(in text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count >= 2, text.count.isMultiple(of: 2),
            text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x")
        else { return nil }
        let count = (text.count - 2) / 2
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count {
                let high = digitValues[Int(text[2 + index * 2])]
                let low = digitValues[Int(text[3 + index * 2])]
                if (high | low) > 15 { isValid = false }
                buffer[index] = high << 4 | low & 15
            }
            initialized = count
        }
        return isValid ? bytes : nil
    }

    /// What each character is worth as a hexadecimal digit; 255 where it is none.
    private static let digitValues: [UInt8] = (0...255).map { character in
        switch character {
        case 48...57: UInt8(character - 48)
        case 65...70: UInt8(character - 55)
        case 97...102: UInt8(character - 87)
        default: 255
        }
    }
}
