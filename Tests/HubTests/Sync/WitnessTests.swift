import Foundation
import Logging
import Postgres
import Shared
import Sync
import TestKit
import Testing

@testable import Hub

@Suite struct WitnessTests {
    private let one = Identifier(derivedFrom: [Array("one".utf8)])
    private let two = Identifier(derivedFrom: [Array("two".utf8)])
    private let hub = Identifier(derivedFrom: [Array("hub".utf8)])

    private func mark(_ epoch: Int, _ applied: Int64) -> Witness.Mark {
        Witness.Mark(epoch: epoch, applied: applied, chain: Digest256(of: [UInt8(applied)]))
    }

    private func witness(
        _ marks: [Identifier: Witness.Mark],
        fence: Int64 = 3,
        hub: Identifier? = nil
    ) -> Witness {
        Witness(instance: hub ?? self.hub, fence: fence, marks: marks)
    }

    @Test func `what is written is read again, the newest line last`() {
        let first = witness([one: mark(1, 5), two: mark(2, 1)])
        let second = witness([one: mark(1, 9), two: mark(2, 1)])
        let lines = first.lines(since: Witness()) + second.lines(since: first)
        #expect(lines.count == 4)
        #expect(Witness(text: lines.joined(separator: "\n")) == second)
        #expect(second.lines(since: second).isEmpty)
    }

    @Test func `another instance begins anew`() {
        let first = witness([one: mark(1, 5)])
        let second = witness([one: mark(1, 2)], fence: 4, hub: two)
        let lines = first.lines(since: Witness()) + second.lines(since: first)
        #expect(Witness(text: lines.joined(separator: "\n")) == second)
    }

    @Test func `a text that is cut at any byte tells nothing that was not written`() {
        let first = witness([one: mark(1, 5)])
        let second = witness([one: mark(1, 19)])
        let text = (first.lines(since: Witness()) + second.lines(since: first))
            .joined(separator: "\n")
        for length in 0..<text.utf8.count {
            let cut = Witness(text: String(decoding: text.utf8.prefix(length), as: UTF8.self))
            #expect(
                [Witness(), witness([:]), first].contains(cut),
                "cut at \(length)"
            )
        }
    }

    @Test func `lines that are none are passed over`() {
        #expect(Witness(text: "hub x y z\nagent\n\n \u{0} 00000000") == Witness())
    }

    @Test func `a database that has gone on is no older`() {
        let witnessed = witness([one: mark(1, 5)])
        #expect(witnessed.expected(behind: witness([one: mark(1, 6), two: mark(1, 1)])) == nil)
        #expect(witnessed.expected(behind: witness([one: mark(2, 0)])) == nil)
        #expect(Witness().expected(behind: witness([:])) == nil)
        // Another process of this Hub has begun a recovery since.
        #expect(witnessed.expected(behind: witness([:], fence: 4, hub: two)) == nil)
    }

    @Test func `a database that is behind, beside, or another one is older`() {
        let witnessed = witness([one: mark(2, 5)])
        let expected = [one: mark(2, 5)]
        #expect(witnessed.expected(behind: witness([one: mark(2, 4)])) == expected)
        #expect(witnessed.expected(behind: witness([one: mark(1, 9)])) == expected)
        #expect(witnessed.expected(behind: witness([:])) == expected)
        var beside = mark(2, 5)
        beside.chain = Digest256(of: [])
        #expect(witnessed.expected(behind: witness([one: beside])) == expected)
        #expect(witnessed.expected(behind: witness([one: mark(2, 5)], fence: 2)) == [:])
        #expect(witnessed.expected(behind: witness([one: mark(2, 5)], hub: two)) == [:])
    }

    @Test func `the Hub itself notices that its database was restored`() async throws {
        try await IntakeRig.with { rig in
            let folder = try TemporaryFolder.make()
            defer { TemporaryFolder.remove(folder) }
            let service = WitnessService(
                database: rig.database,
                file: WitnessFile(state: folder),
                clock: rig.clock.wall,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
            let agent = try await rig.agent()
            try await rig.database.execute("UPDATE agent SET applied = 7")
            try await service.check()
            #expect(try await rig.count("recovery") == 0)
            try await rig.database.execute("UPDATE agent SET applied = 4")
            try await service.check()
            #expect(try await rig.count("recovery WHERE cause = 'witness'") == 1)
            #expect(
                try await rig.count(
                    "recovery_agent WHERE expected_applied = 7 AND heard_at IS NULL"
                )
                    == 1
            )
            #expect(try await rig.database.hubInstance() != rig.hub)
            // The next start finds the recovery begun.
            try await service.check()
            #expect(try await rig.count("recovery") == 1)
            // An Agent that proves the same adds nothing.
            try await rig.database.withTransaction { connection in
                try await RecoveryLog(connection: connection, clock: rig.clock.wall)
                    .noticed(by: agent.id, fence: 3)
            }
            #expect(try await rig.count("recovery") == 1)
        }
    }
}
