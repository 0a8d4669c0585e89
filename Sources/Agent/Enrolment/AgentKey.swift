import Crypto
import SwiftASN1
import X509

/// The Agent's P-256 key, and the requests that it signs.
package struct AgentKey: Sendable {
    private let key: P256.Signing.PrivateKey

    /// A new key.
    package init() {
        key = P256.Signing.PrivateKey()
    }

    /// Reads a key from PEM.
    package init(pem: String) throws {
        key = try P256.Signing.PrivateKey(pemRepresentation: pem)
    }

    /// The key as PEM, for its file alone.
    package var pem: String { key.pemRepresentation }

    /// A PKCS #10 request in PEM.
    ///
    /// The Hub chooses name and lifetime; the subject only helps a person who looks at it.
    package func certificateRequest(workstation: String) throws -> String {
        let request = try CertificateSigningRequest(
            version: .v1,
            subject: try DistinguishedName { CommonName(String(workstation.prefix(60))) },
            privateKey: .init(key),
            attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA256
        )
        return try request.serializeAsPEM().pemString
    }
}
