import Foundation
import Shared
import SwiftASN1
import TestKit
import Testing
import X509

@testable import Hub

@Suite struct AuthorityFolderTests {
    private let now = Instant(milliseconds: 1_763_629_200_000)
    private let names = [
        ServerName("hub.clinic.example"), ServerName("192.0.2.7"), ServerName("::1"),
    ]

    @Test func `an authority is made once and then kept`() async throws {
        try await TemporaryFolder.with { folder in
            let authorities = AuthorityFolder(state: folder)
            let first = try authorities.open(now: now)
            #expect(try authorities.open(now: now).certificate == first.certificate)
            let mode =
                try FileManager.default.attributesOfItem(
                    atPath: authorities.path + "/authority.key"
                )[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `half an authority is an error, never a new one`() async throws {
        try await TemporaryFolder.with { folder in
            let authorities = AuthorityFolder(state: folder)
            _ = try authorities.open(now: now)
            try FileManager.default.removeItem(atPath: authorities.path + "/authority.key")
            #expect(throws: AuthorityError.self) { try authorities.open(now: now) }
        }
    }

    @Test func `the listener's certificate names every name and address`() async throws {
        try await TemporaryFolder.with { folder in
            let authorities = AuthorityFolder(state: folder)
            let authority = try authorities.open(now: now)
            let server = try authorities.server(of: authority, names: names, now: now)
            let alternatives = try #require(
                try server.certificate.extensions.subjectAlternativeNames
            )
            #expect(
                Array(alternatives) == [
                    .dnsName("hub.clinic.example"),
                    .ipAddress(ASN1OctetString(contentBytes: [192, 0, 2, 7])),
                    .ipAddress(
                        ASN1OctetString(contentBytes: [UInt8](repeating: 0, count: 15) + [1])
                    ),
                ]
            )
        }
    }

    @Test func `the listener's certificate stays until a name or its last year asks for another`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            let authorities = AuthorityFolder(state: folder)
            let authority = try authorities.open(now: now)
            let first = try authorities.server(of: authority, names: names, now: now).certificate
            let same = try authorities.server(of: authority, names: names, now: now).certificate
            #expect(same == first)
            let other = try authorities.server(
                of: authority,
                names: [ServerName("other.example")],
                now: now
            ).certificate
            #expect(other != first)
            let later = now.advanced(by: .seconds(500 * 86400))
            let renewed = try authorities.server(
                of: authority,
                names: [ServerName("other.example")],
                now: later
            ).certificate
            #expect(renewed != other)
        }
    }
}
