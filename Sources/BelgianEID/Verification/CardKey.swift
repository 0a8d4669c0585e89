import Crypto
import CryptoExtras
import Foundation
import Shared
import SwiftASN1

/// The key of a register or root certificate.
///
/// Cards until 2014 were signed with RSA-1024 and SHA-1: weak today, and all that those cards have.
/// What makes them genuine is the pinned root above.
enum CardKey: Sendable {
    case rsa(_RSA.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)

    /// Reads a SubjectPublicKeyInfo; nil for any other kind of key.
    init?(subjectPublicKeyInfo bytes: ArraySlice<UInt8>) {
        if let key = try? P384.Signing.PublicKey(derRepresentation: bytes) {
            self = .p384(key)
        } else if let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: bytes) {
            self = .rsa(key)
        } else {
            return nil
        }
    }

    /// Whether `signature` was made with this key over `parts`, one behind the other.
    ///
    /// An ECDSA signature has zeros behind it on the card. RSA cards mix SHA-256 and SHA-1, and
    /// nothing says which, so both are tried.
    func isValid(_ signature: some Collection<UInt8>, over parts: [SecretBytes]) -> Bool {
        isValid(signature, over: parts, among: [.sha256, .sha1])
    }

    /// The same with the algorithm that a certificate names.
    func isValid(
        _ signature: some Collection<UInt8>,
        over parts: [SecretBytes],
        algorithm: ASN1ObjectIdentifier
    ) -> Bool {
        switch self {
        case .p384:
            guard algorithm == .ecdsaWithSHA384 else { return false }
            return isValid(signature, over: parts, among: [])
        case .rsa:
            guard let hash = RSAHash(algorithm) else { return false }
            return isValid(signature, over: parts, among: [hash])
        }
    }

    private func isValid(
        _ signature: some Collection<UInt8>,
        over parts: [SecretBytes],
        among hashes: [RSAHash]
    ) -> Bool {
        switch self {
        case .p384(let key):
            let bytes = Array(signature.prefix(Self.maximumECDSABytes))
            guard bytes.count >= 2, bytes[0] == 0x30, bytes.count >= Int(bytes[1]) + 2,
                let signature = try? P384.Signing.ECDSASignature(
                    derRepresentation: bytes.prefix(Int(bytes[1]) + 2)
                )
            else { return false }
            return key.isValidSignature(signature, for: Self.digest(SHA384.self, parts))
        case .rsa(let key):
            let signature = _RSA.Signing.RSASignature(rawRepresentation: Data(signature))
            return hashes.contains { hash in
                switch hash {
                case .sha1:
                    key.isValidSignature(
                        signature,
                        for: Self.digest(Insecure.SHA1.self, parts),
                        padding: .insecurePKCS1v1_5
                    )
                case .sha256:
                    key.isValidSignature(
                        signature,
                        for: Self.digest(SHA256.self, parts),
                        padding: .insecurePKCS1v1_5
                    )
                }
            }
        }
    }

    /// Two numbers of 48 bytes with their heads are 104 bytes.
    private static let maximumECDSABytes = 128

    static func digest<Hash: HashFunction>(_: Hash.Type, _ parts: [SecretBytes]) -> Hash.Digest {
        var hash = Hash()
        for part in parts { part.withBytes { hash.update(bufferPointer: $0) } }
        return hash.finalize()
    }
}

/// The digests that RSA signatures of cards and of their certificates are made of.
private enum RSAHash {
    case sha1, sha256

    init?(_ algorithm: ASN1ObjectIdentifier) {
        switch algorithm {
        case .AlgorithmIdentifier.sha1WithRSAEncryption: self = .sha1
        case .AlgorithmIdentifier.sha256WithRSAEncryption: self = .sha256
        default: return nil
        }
    }
}

extension ASN1ObjectIdentifier {
    fileprivate static let ecdsaWithSHA384: Self = [1, 2, 840, 10045, 4, 3, 3]
}

extension ASN1ObjectIdentifier.AlgorithmIdentifier {
    fileprivate static let sha1WithRSAEncryption: ASN1ObjectIdentifier =
        [1, 2, 840, 113549, 1, 1, 5]
}
