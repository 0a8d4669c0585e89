package import Crypto
import Foundation
package import Shared
import SwiftASN1
package import X509

/// The Hub's own certificate authority: it certifies agents and the listener that they speak to.
///
/// P-256 throughout. The key never leaves the state folder.
package struct CertificateAuthority: Sendable {
    /// The authority's certificate, which every agent trusts.
    package let certificate: Certificate
    private let key: P256.Signing.PrivateKey

    /// How long the authority itself is valid.
    package static let authorityLifetime = Duration.seconds(10 * 365 * 86400)
    /// How long an agent's certificate is valid; it is renewed after two thirds of this.
    package static let agentLifetime = Duration.seconds(90 * 86400)
    /// How long the listener's certificate is valid; it is made anew at a start in its last year.
    package static let serverLifetime = Duration.seconds(800 * 86400)

    /// Takes a key with the certificate that belongs to it.
    package init(key: P256.Signing.PrivateKey, certificate: Certificate) {
        self.key = key
        self.certificate = certificate
    }

    /// A new authority.
    package init(name: String, now: Instant) throws {
        let key = P256.Signing.PrivateKey()
        let subject = try DistinguishedName { CommonName(name) }
        self.init(
            key: key,
            certificate: try Certificate(
                version: .v3,
                serialNumber: .init(),
                publicKey: .init(key.publicKey),
                notValidBefore: now.advanced(by: .zero - clockTolerance).date,
                notValidAfter: now.advanced(by: Self.authorityLifetime).date,
                issuer: subject,
                subject: subject,
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try .init {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                    Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                },
                issuerPrivateKey: .init(key)
            )
        )
    }

    /// The key as PEM, for the state folder alone.
    var keyPEM: String { key.pemRepresentation }

    /// Certifies the key of a request for an agent.
    ///
    /// Nothing else of the request is taken over: name and lifetime are the Hub's to say.
    ///
    /// - Throws: `SyncError.malformed` for a request with a wrong signature or another kind of key.
    package func certify(
        _ request: CertificateSigningRequest,
        agent: Identifier,
        now: Instant
    ) throws -> Certificate {
        guard P256.Signing.PublicKey(request.publicKey) != nil,
            request.publicKey.isValidSignature(request.signature, for: request)
        else { throw AuthorityError.requestInvalid }
        return try issue(
            to: request.publicKey,
            name: agent.description,
            lifetime: Self.agentLifetime,
            now: now,
            extensions: try .init {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.clientAuth])
            }
        )
    }

    /// Certifies the listener under the names and addresses that agents may call it by.
    package func certifyServer(
        key: P256.Signing.PublicKey,
        names: [ServerName],
        now: Instant
    ) throws -> Certificate {
        try issue(
            to: .init(key),
            name: "Clinic Hub",
            lifetime: Self.serverLifetime,
            now: now,
            extensions: try .init {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names.map(\.generalName))
            }
        )
    }

    private func issue(
        to publicKey: Certificate.PublicKey,
        name: String,
        lifetime: Duration,
        now: Instant,
        extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: publicKey,
            notValidBefore: now.advanced(by: .zero - clockTolerance).date,
            notValidAfter: now.advanced(by: lifetime).date,
            issuer: certificate.subject,
            subject: try DistinguishedName { CommonName(name) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: extensions,
            issuerPrivateKey: .init(key)
        )
    }
}

/// Certificates are valid from this long before they are made: clinic PCs' clocks lag.
private let clockTolerance = Duration.seconds(86400)

/// Why the authority does not certify.
package enum AuthorityError: Error, Equatable {
    /// The request's signature is wrong, or its key is not P-256.
    case requestInvalid
    /// A file of the authority is missing or cannot be read.
    case stateUnusable(String)
}

extension Instant {
    var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    init(_ date: Date) {
        self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
    }
}
