import Foundation
import Glibc
import Postgres
import Shared
import Sync
import TestKit
import Testing

@testable import Hub

@Suite struct DataKeyStoreTests {
    private static func installation(_ byte: UInt8 = 0x55) throws -> InstallationKey {
        try InstallationKey(credential: [UInt8](repeating: byte, count: 32))
    }

    private func withStore(_ body: (DataKeyStore, HandClock) async throws -> Void) async throws {
        try await TemporaryPostgres.withDatabase(migrations: try Migrations.all()) { database in
            let clock = HandClock()
            try await body(DataKeyStore(database: database, clock: clock.wall), clock)
        }
    }

    @Test func `the keys of the first start are those of every later one`() async throws {
        try await withStore { store, _ in
            #expect(try await store.isEmpty())
            let first = try await store.open(with: Self.installation())
            #expect(try await !store.isEmpty())
            let place = SealingRing.Place("patient", "number", row: Identifier(derivedFrom: []))
            let sealed = try first.seal([1, 2, 3], at: place)
            let second = try await store.open(with: Self.installation())
            #expect(try second.open(sealed, at: place) == [1, 2, 3])
            #expect(second.envelopeKey == first.envelopeKey)
            #expect(
                second.blindIndex(of: "x", column: "c") == first.blindIndex(of: "x", column: "c")
            )
        }
    }

    @Test func `another installation's key opens nothing and changes nothing`() async throws {
        try await withStore { store, _ in
            let ring = try await store.open(with: Self.installation())
            await #expect(throws: SealingError.keyWrong) {
                try await store.open(with: Self.installation(0x66))
            }
            let again = try await store.open(with: Self.installation())
            #expect(again.envelopeKey == ring.envelopeKey)
        }
    }

    @Test func `two Hubs that start at once make one set of keys`() async throws {
        try await withStore { store, _ in
            let rings = try await withThrowingTaskGroup(of: SealingRing.self) { group in
                for _ in 0..<3 { group.addTask { try await store.open(with: Self.installation()) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(rings.map { $0.envelopeKey?.publicKey }).count == 1)
        }
    }

    @Test func `a key that is near its limit is followed by the next`() async throws {
        try await TemporaryPostgres.withDatabase(migrations: try Migrations.all()) { database in
            let store = DataKeyStore(database: database, clock: HandClock().wall)
            let place = SealingRing.Place("patient", "number", row: Identifier(derivedFrom: []))
            let old = try await store.open(with: Self.installation()).seal([9], at: place)
            try await database.execute(
                "UPDATE data_key SET messages = \(SealingRing.messagesPerKey) WHERE purpose = 'field'"
            )
            let ring = try await store.open(with: Self.installation())
            #expect(SealedMessage.version(of: try ring.seal([9], at: place)) == 2)
            #expect(try ring.open(old, at: place) == [9])
        }
    }

    @Test func `an installation's key is made once, for its owner alone, and never guessed`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            #expect(throws: SealingError.keyMissing) {
                try InstallationKey.resolve(credential: nil, state: folder, mayCreate: false)
            }
            let made = try InstallationKey.resolve(credential: nil, state: folder, mayCreate: true)
            let read = try InstallationKey.resolve(credential: nil, state: folder, mayCreate: false)
            #expect(made.bytes == read.bytes)
            let path = "\(folder)/keys/installation.key"
            chmod(path, 0o640)
            #expect(throws: SealingError.keyFile(errorNumber: EPERM)) {
                try InstallationKey.resolve(credential: nil, state: folder, mayCreate: true)
            }
        }
    }

    @Test func `a credential is 32 bytes or their hexadecimal digits`() throws {
        let digits = String(repeating: "5a", count: 32)
        #expect(
            try InstallationKey(credential: Array((digits + "\n").utf8)).bytes
                == [UInt8](repeating: 0x5A, count: 32)
        )
        for wrong in ["", "5a", String(repeating: "5g", count: 32)] {
            #expect(throws: SealingError.keyMalformed) {
                try InstallationKey(credential: Array(wrong.utf8))
            }
        }
    }
}
