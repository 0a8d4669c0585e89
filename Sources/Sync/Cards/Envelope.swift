package import Crypto
import struct Foundation.Data
package import Shared

/// What an Agent seals so that the Hub alone can open it: HPKE (RFC 9180) with X25519,
/// HKDF-SHA256 and AES-256-GCM.
///
/// The layout is a format byte, the key's version as 4 bytes big-endian, the encapsulated key of
/// 32 bytes, and the ciphertext with its tag. Agent, session and event are authenticated, so that
/// an envelope opens in its own place alone.
package enum Envelope {
    /// The largest content, unless its place allows more.
    package static let maximumBytes = 64 * 1024

    private static let format: UInt8 = 1
    private static let headerBytes = 5
    private static let keyBytes = 32
    private static let info = Data("clinic-gateway envelope v1".utf8)
    private static var suite: HPKE.Ciphersuite {
        HPKE.Ciphersuite(kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)
    }

    /// Where an envelope belongs.
    package struct Place: Equatable, Sendable {
        package var agent: Identifier
        package var session: Identifier
        package var event: String

        /// Takes the parts as they are.
        package init(agent: Identifier, session: Identifier, event: String) {
            self.agent = agent
            self.session = session
            self.event = event
        }

        fileprivate func associated(_ header: [UInt8]) -> Data {
            Data(header + agent.bytes + session.bytes + Array(event.utf8))
        }
    }

    /// Seals `content` for the holder of `key`.
    ///
    /// - Throws: `EnvelopeError`.
    package static func seal(
        _ content: [UInt8],
        to key: EnvelopeKey,
        at place: Place,
        limit: Int = maximumBytes
    ) throws(EnvelopeError) -> [UInt8] {
        guard content.count <= limit else { throw .tooLarge }
        let header = [format] + withUnsafeBytes(of: key.version.bigEndian) { Array($0) }
        do {
            var sender = try HPKE.Sender(
                recipientKey: try Curve25519.KeyAgreement.PublicKey(
                    rawRepresentation: Hexadecimal.decode(key.publicKey) ?? []
                ),
                ciphersuite: suite,
                info: info
            )
            let sealed = try sender.seal(content, authenticating: place.associated(header))
            return header + Array(sender.encapsulatedKey) + Array(sealed)
        } catch {
            throw .keyMalformed
        }
    }

    /// The version of the key that an envelope was sealed to; nil for what is no envelope.
    package static func keyVersion(of envelope: [UInt8]) -> UInt32? {
        guard envelope.count > headerBytes + keyBytes, envelope[0] == format else { return nil }
        return envelope[1..<headerBytes].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Opens an envelope.
    ///
    /// - Throws: `EnvelopeError.damaged` for anything that was not sealed to this key for this
    ///   place.
    package static func open(
        _ envelope: [UInt8],
        with key: Curve25519.KeyAgreement.PrivateKey,
        at place: Place,
        limit: Int = maximumBytes
    ) throws(EnvelopeError) -> [UInt8] {
        guard keyVersion(of: envelope) != nil, envelope.count <= limit + 128 else {
            throw .damaged
        }
        let header = Array(envelope.prefix(headerBytes))
        let body = envelope.dropFirst(headerBytes)
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key,
                ciphersuite: suite,
                info: info,
                encapsulatedKey: Data(body.prefix(keyBytes))
            )
            return Array(
                try recipient.open(
                    Data(body.dropFirst(keyBytes)),
                    authenticating: place.associated(header)
                )
            )
        } catch {
            throw .damaged
        }
    }
}

/// The Hub's public key for envelopes: the row `envelope` of the class `config`.
package struct EnvelopeKey: Equatable, Sendable, Codable {
    /// The key on the wire.
    package static let key = "envelope"

    package var version: UInt32
    /// The 32 bytes of an X25519 public key, in hexadecimal.
    package var publicKey: String

    /// Takes the parts as they are.
    package init(version: UInt32, publicKey: String) {
        self.version = version
        self.publicKey = publicKey
    }
}

/// Why an envelope cannot be made or opened.
package enum EnvelopeError: Error, Equatable {
    /// The Hub's key is no X25519 key.
    case keyMalformed
    /// Not sealed to this key, not for this place, or altered on its way.
    case damaged
    /// More than an envelope holds.
    case tooLarge
}
