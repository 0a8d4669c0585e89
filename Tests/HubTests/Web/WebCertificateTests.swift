import Crypto
import Foundation
import Logging
import NIOSSL
import Shared
import SwiftASN1
import TestKit
import Testing
import X509

@testable import Hub

struct WebCertificateTests {
    private let now = Instant(milliseconds: 1_763_629_200_000)

    /// A certificate and its key, as PEM.
    private func pair(_ folder: String, _ name: String) throws -> (String, String) {
        let authorities = AuthorityFolder(state: "\(folder)/\(name)")
        let authority = try authorities.open(now: now)
        let server = try authorities.server(
            of: authority,
            names: [ServerName("localhost")],
            now: now
        )
        return (
            try server.certificate.serializeAsPEM().pemString,
            server.key.pemRepresentation
        )
    }

    @Test func `a new pair is taken, half of one is not, and the old one serves until then`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            let files = HubConfiguration.TLSFiles(
                certificate: folder + "/web.pem",
                key: folder + "/web.key"
            )
            func write(_ text: String, _ path: String) throws {
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
            let first = try pair(folder, "first")
            let second = try pair(folder, "second")
            try write(first.0, files.certificate)
            try write(first.1, files.key)
            let certificate = try WebCertificate(
                files,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            func leaf(after seconds: Int) throws -> NIOSSLCertificate {
                let pair = certificate.current(now: .now + .seconds(seconds))
                guard case .certificate(let leaf) = pair.chain.first else {
                    throw PageError.notFound
                }
                return leaf
            }
            let old = try #require(
                try NIOSSLCertificate.fromPEMBytes(Array(first.0.utf8)).first
            )
            let new = try #require(
                try NIOSSLCertificate.fromPEMBytes(Array(second.0.utf8)).first
            )
            #expect(try leaf(after: 10) == old)
            try write(second.0, files.certificate)
            #expect(try leaf(after: 20) == old)
            try write(second.1, files.key)
            // Not looked at again so soon.
            #expect(try leaf(after: 22) == old)
            #expect(try leaf(after: 30) == new)
            try FileManager.default.removeItem(atPath: files.key)
            #expect(try leaf(after: 40) == new)
        }
    }

    @Test func `a pair that does not belong together does not start`() async throws {
        try await TemporaryFolder.with { folder in
            let first = try pair(folder, "first")
            let second = try pair(folder, "second")
            try first.0.write(toFile: folder + "/a", atomically: true, encoding: .utf8)
            try second.1.write(toFile: folder + "/b", atomically: true, encoding: .utf8)
            #expect(throws: (any Error).self) {
                try WebCertificate(
                    HubConfiguration.TLSFiles(certificate: folder + "/a", key: folder + "/b"),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                )
            }
        }
    }
}
