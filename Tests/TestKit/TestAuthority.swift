import Crypto
import Foundation
import SwiftASN1
import X509

/// An authority of a test's own, and a server's certificate under it, as files.
package struct TestAuthority: Sendable {
    /// The authority's certificate.
    package let authorities: String
    package let certificate: String
    package let key: String

    /// Makes them in `folder`; the server's certificate is for `name`.
    package init(in folder: String, for name: String = "localhost") throws {
        let now = Date()
        let authorityKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let subject = try DistinguishedName { CommonName("Test authority") }
        let authority = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: authorityKey.publicKey,
            notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.addingTimeInterval(86400),
            issuer: subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            },
            issuerPrivateKey: authorityKey
        )
        let serverKey = P256.Signing.PrivateKey()
        let server = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PrivateKey(serverKey).publicKey,
            notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.addingTimeInterval(86400),
            issuer: subject,
            subject: try DistinguishedName { CommonName("test server") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                SubjectAlternativeNames([.dnsName(name)])
            },
            issuerPrivateKey: authorityKey
        )
        authorities = folder + "/authority.pem"
        certificate = folder + "/server.pem"
        key = folder + "/server.key"
        for (text, path) in [
            (try authority.serializeAsPEM().pemString, authorities),
            (try server.serializeAsPEM().pemString, certificate),
            (serverKey.pemRepresentation, key),
        ] {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }
}
