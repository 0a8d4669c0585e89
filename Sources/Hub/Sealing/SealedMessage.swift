import Crypto

/// One sealed message: AES-256-GCM under a random nonce.
///
/// The layout is a format byte, the key's version as 4 bytes big-endian, the nonce (12), the
/// ciphertext, and the tag (16). What `place` says is authenticated with the header.
enum SealedMessage {
    private static let format: UInt8 = 1
    private static let headerBytes = 5

    /// Seals `content`; nil where the cipher refuses.
    static func seal(
        _ content: [UInt8],
        under key: SymmetricKey,
        version: UInt32,
        place: [UInt8]
    ) -> [UInt8]? {
        let header = [format] + withUnsafeBytes(of: version.bigEndian) { Array($0) }
        let box = try? AES.GCM.seal(content, using: key, authenticating: header + place)
        return box?.combined.map { header + $0 }
    }

    /// The version of the key that a message was sealed under; nil for what is no message.
    static func version(of message: [UInt8]) -> UInt32? {
        guard message.count >= headerBytes + 28, message[0] == format else { return nil }
        return message[1..<headerBytes].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Opens a message; nil for anything that was not sealed under this key for this place.
    static func open(_ message: [UInt8], under key: SymmetricKey, place: [UInt8]) -> [UInt8]? {
        guard version(of: message) != nil,
            let box = try? AES.GCM.SealedBox(combined: message.dropFirst(headerBytes))
        else { return nil }
        let header = message.prefix(headerBytes)
        return (try? AES.GCM.open(box, using: key, authenticating: header + place)).map(Array.init)
    }
}
