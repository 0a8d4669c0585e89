package import Crypto
import Foundation
package import Shared
import SwiftASN1
import Sync
package import X509

/// The authority's files in the Hub's state folder.
///
/// `authority.key` and `server.key` are readable by the Hub's user alone. Losing the folder means
/// enrolling every agent again; it belongs in the backup.
package struct AuthorityFolder: Sendable {
    /// `STATE/authority`.
    package let path: String

    /// Takes the Hub's state folder.
    package init(state: String) {
        path = state + "/authority"
    }

    /// Opens the authority, or makes one where the folder has none.
    ///
    /// A folder with a certificate but no key, or the reverse, is an error: a new authority would
    /// shut every agent out.
    package func open(now: Instant) throws -> CertificateAuthority {
        let files = FileManager.default
        let parts = [files.fileExists(atPath: keyPath), files.fileExists(atPath: certificatePath)]
        switch parts {
        case [true, true]: return try load()
        case [false, false]:
            let authority = try CertificateAuthority(name: "Clinic Hub authority", now: now)
            try files.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try writePrivately(authority.keyPEM, to: keyPath)
            try writePrivately(try authority.certificate.pem, to: certificatePath)
            return authority
        default:
            throw AuthorityError.stateUnusable("authority.key or authority.pem is missing")
        }
    }

    /// The authority's certificate alone, for commands that only need its fingerprint.
    package func certificate() throws -> Certificate {
        try Certificate(pemEncoded: try read(certificatePath))
    }

    /// What an invitation tells a PC of this authority.
    package func fingerprint() throws -> [UInt8] {
        InvitationCode.fingerprint(ofCertificate: try certificate().der)
    }

    /// The listener's key and certificate, made anew where the names differ, where the authority
    /// is another one, or where less than a year is left.
    package func server(
        of authority: CertificateAuthority,
        names: [ServerName],
        now: Instant
    ) throws -> (key: P256.Signing.PrivateKey, certificate: Certificate) {
        if let existing = try? loadServer(),
            existing.certificate.issuer == authority.certificate.subject,
            authority.certificate.publicKey.isValidSignature(
                existing.certificate.signature,
                for: existing.certificate
            ),
            existing.certificate.notValidAfter > now.advanced(by: .seconds(365 * 86400)).date,
            try existing.certificate.extensions.subjectAlternativeNames.map(Array.init)
                == names.map(\.generalName)
        {
            return existing
        }
        let key = P256.Signing.PrivateKey()
        let certificate = try authority.certifyServer(key: key.publicKey, names: names, now: now)
        try writePrivately(key.pemRepresentation, to: serverKeyPath)
        try writePrivately(try certificate.pem, to: serverCertificatePath)
        return (key, certificate)
    }

    private var keyPath: String { path + "/authority.key" }
    private var certificatePath: String { path + "/authority.pem" }
    private var serverKeyPath: String { path + "/server.key" }
    private var serverCertificatePath: String { path + "/server.pem" }

    private func load() throws -> CertificateAuthority {
        CertificateAuthority(
            key: try .init(pemRepresentation: try read(keyPath)),
            certificate: try certificate()
        )
    }

    private func loadServer() throws -> (
        key: P256.Signing.PrivateKey, certificate: Certificate
    ) {
        (
            try .init(pemRepresentation: try read(serverKeyPath)),
            try Certificate(pemEncoded: try read(serverCertificatePath))
        )
    }

    private func read(_ path: String) throws -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw AuthorityError.stateUnusable("\(path) cannot be read")
        }
        return text
    }

    /// Writes beside the file and renames over it, so that a crash leaves the old or the new one.
    private func writePrivately(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        _ = FileManager.default.createFile(
            atPath: temporary,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard let handle = FileHandle(forWritingAtPath: temporary) else {
            throw AuthorityError.stateUnusable("\(temporary) cannot be written")
        }
        try handle.synchronize()
        try handle.close()
        guard rename(temporary, path) == 0 else {
            throw AuthorityError.stateUnusable("\(path) cannot be replaced")
        }
    }
}

extension Certificate {
    /// The certificate as PEM text.
    package var pem: String {
        get throws { try serializeAsPEM().pemString }
    }

    /// The certificate as DER bytes.
    package var der: [UInt8] {
        get throws { try serializeAsPEM().derBytes }
    }
}
