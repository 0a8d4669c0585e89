import Crypto
import struct Foundation.Data
package import Shared

/// What the chain was at one moment, signed and kept outside the database.
///
/// Whoever owns the database can compute a whole new chain, or cut its end off; neither agrees
/// with a checkpoint any more.
package struct AuditCheckpoint: Equatable, Sendable, Codable {
    package var sequence: Int64
    package var chain: Digest256
    /// The Hub's clock, in milliseconds since 1970.
    package var at: Int64
    /// The Ed25519 public key, in hexadecimal.
    package var key: String
    /// The signature over `message`, in hexadecimal.
    package var signature: String

    /// Those of a file that was kept elsewhere: one a line, as the Hub writes and mails them.
    ///
    /// Throws where a line is none.
    package static func lines(of content: some Collection<UInt8>) throws -> [AuditCheckpoint] {
        try content.split(separator: 10).filter { $0.contains { $0 > 32 } }
            .map { try JSON.decode(AuditCheckpoint.self, from: $0) }
    }

    /// What is signed: one line each for the format, the sequence, the chain and the time.
    static func message(_ sequence: Int64, _ chain: Digest256, _ at: Int64) -> [UInt8] {
        Array("clinic-audit-checkpoint-v1\n\(sequence)\n\(chain.hexadecimal)\n\(at)\n".utf8)
    }

    /// True where the signature is that of `key` over the other parts.
    package var isSigned: Bool {
        guard let bytes = Hexadecimal.decode(key), let signature = Hexadecimal.decode(signature),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { return false }
        return key.isValidSignature(
            Data(signature),
            for: Data(Self.message(sequence, chain, at))
        )
    }
}

/// The key that signs checkpoints, derived from the installation's: no second secret to keep.
package struct AuditKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// Derives the key.
    package init(_ installation: InstallationKey) throws {
        let seed = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: installation.bytes),
            info: Data("clinic-hub audit checkpoint key v1".utf8),
            outputByteCount: 32
        )
        key = try Curve25519.Signing.PrivateKey(
            rawRepresentation: seed.withUnsafeBytes { Data($0) }
        )
    }

    /// The public half, in hexadecimal: to be kept where the Hub is not.
    package var publicKey: String { Hexadecimal.encode(key.publicKey.rawRepresentation) }

    /// Signs where the chain stands.
    package func checkpoint(
        _ sequence: Int64,
        _ chain: Digest256,
        at now: Instant
    ) throws -> AuditCheckpoint {
        let message = AuditCheckpoint.message(sequence, chain, now.milliseconds)
        return AuditCheckpoint(
            sequence: sequence,
            chain: chain,
            at: now.milliseconds,
            key: publicKey,
            signature: Hexadecimal.encode(try key.signature(for: Data(message)))
        )
    }
}
