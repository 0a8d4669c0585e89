package import Crypto
package import CryptoExtras
import Foundation

/// A key of a test root or a test register.
package enum TestKey: Sendable {
    case p384(P384.Signing.PrivateKey)
    case sha256(_RSA.Signing.PrivateKey)
    case sha1(_RSA.Signing.PrivateKey)

    /// The SubjectPublicKeyInfo.
    var publicBytes: [UInt8] {
        switch self {
        case .p384(let key): Array(key.publicKey.derRepresentation)
        case .sha256(let key), .sha1(let key): Array(key.publicKey.derRepresentation)
        }
    }

    /// The AlgorithmIdentifier of its signatures.
    var algorithm: [UInt8] {
        switch self {
        case .p384: DERText.ecdsaWithSHA384
        case .sha256: DERText.sha256WithRSA
        case .sha1: DERText.sha1WithRSA
        }
    }

    package func sign(_ bytes: [UInt8]) throws -> [UInt8] {
        switch self {
        case .p384(let key): Array(try key.signature(for: bytes).derRepresentation)
        case .sha256(let key):
            Array(
                try key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
                    .rawRepresentation
            )
        case .sha1(let key):
            Array(
                try key.signature(
                    for: Insecure.SHA1.hash(data: bytes),
                    padding: .insecurePKCS1v1_5
                ).rawRepresentation
            )
        }
    }

    /// A certificate in DER for `subject`, signed by this key.
    func certificate(
        for subject: TestKey,
        name: [UInt8],
        issuer: [UInt8],
        isAuthority: Bool,
        until end: String
    ) throws -> [UInt8] {
        let constraints = DERText.sequence(
            [0x06, 3, 0x55, 0x1D, 19],
            DERText.yes,
            DERText.octets(isAuthority ? DERText.sequence(DERText.yes) : DERText.sequence())
        )
        let body = DERText.sequence(
            DERText.element(0xA0, DERText.integer(2)),
            DERText.integer(1),
            algorithm,
            issuer,
            DERText.sequence(DERText.time("20200101000000Z"), DERText.time(end)),
            name,
            subject.publicBytes,
            DERText.element(0xA3, DERText.sequence(constraints))
        )
        return DERText.sequence(body, algorithm, DERText.bits(try sign(body)))
    }
}
