import Crypto

/// What an authenticator says of itself and of the moment (WebAuthn, 6.1).
struct AuthenticatorData: Sendable, Equatable {
    let relyingPartyHash: [UInt8]
    /// Somebody touched it.
    let isPresent: Bool
    /// It checked who: by finger, face or PIN.
    let isVerified: Bool
    /// The passkey may be copied to other devices of its holder.
    let mayBeBackedUp: Bool
    let counter: UInt32
    /// The new credential; nil where one signs in.
    let credential: Credential?

    /// A credential that was made just now.
    struct Credential: Sendable, Equatable {
        let id: [UInt8]
        let key: PasskeyKey
    }

    private static let headBytes = 37
    /// The longest credential id (WebAuthn, 4).
    static let longestID = 1023

    /// Reads it to its end.
    init(_ bytes: [UInt8]) throws(PasskeyError) {
        guard bytes.count >= Self.headBytes, bytes.count <= CBOR.Limits.bytes else {
            throw .malformed("authenticator data are cut off or too long")
        }
        let flags = bytes[32]
        relyingPartyHash = Array(bytes[0..<32])
        isPresent = flags & 0x01 != 0
        isVerified = flags & 0x04 != 0
        mayBeBackedUp = flags & 0x08 != 0
        counter = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        var rest = Array(bytes[Self.headBytes...])
        if flags & 0x40 != 0 {
            (credential, rest) = try Self.credential(rest)
        } else {
            credential = nil
        }
        if flags & 0x80 != 0 {
            let extensions = try CBOR.head(of: rest)
            guard case .map = extensions.value else { throw .malformed("extensions are no map") }
            rest.removeFirst(extensions.length)
        }
        guard rest.isEmpty else { throw .malformed("something follows the authenticator data") }
    }

    private static func credential(
        _ bytes: [UInt8]
    ) throws(PasskeyError) -> (Credential, [UInt8]) {
        guard bytes.count >= 18 else { throw .malformed("the credential is cut off") }
        let length = Int(bytes[16]) << 8 | Int(bytes[17])
        guard (1...longestID).contains(length), bytes.count >= 18 + length else {
            throw .malformed("the credential's id is cut off or too long")
        }
        let id = Array(bytes[18..<18 + length])
        let after = Array(bytes[(18 + length)...])
        let key = try CBOR.head(of: after)
        let read = try PasskeyKey(cose: key.value)
        return (Credential(id: id, key: read), Array(after[key.length...]))
    }
}

/// A passkey's public key: a point on P-256 for ES256.
struct PasskeyKey: Sendable, Equatable {
    /// x and y, 32 bytes each.
    let bytes: [UInt8]

    /// Reads what the database kept.
    init(stored bytes: [UInt8]) throws(PasskeyError) {
        guard (try? P256.Signing.PublicKey(rawRepresentation: bytes)) != nil else {
            throw .malformed("no point of P-256")
        }
        self.bytes = bytes
    }

    /// Reads a COSE key (RFC 9053, 7.1.1): EC2, ES256, P-256.
    init(cose: CBOR) throws(PasskeyError) {
        guard cose[1] == .integer(2), cose[3] == .integer(-7), cose[-1] == .integer(1) else {
            throw .algorithm
        }
        guard case .bytes(let x) = cose[-2], case .bytes(let y) = cose[-3], x.count == 32,
            y.count == 32
        else { throw .malformed("the key's point is not whole") }
        try self.init(stored: x + y)
    }

    /// Whether the signature, in DER, is this key's over `message`.
    func isValid(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        guard let key = try? P256.Signing.PublicKey(rawRepresentation: bytes),
            let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
        else { return false }
        return key.isValidSignature(signature, for: message)
    }
}
