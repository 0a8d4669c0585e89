import Foundation
import GRDB
import Shared
import Sync
import TestKit
import Testing

@testable import Agent

@Suite struct RevocationTests {
    private static let agent = Identifier(derivedFrom: [Array("agent".utf8)])
    private let hub = EnvelopeRecipient()
    private let world: AgentWorld

    init() throws {
        world = try AgentWorld()
    }

    private var revocation: Revocation { Revocation(store: world.store, outbox: world.outbox) }

    /// Two readings wait, and the Hub has sent its key and a command.
    private func prepare(sendsKey: Bool = true) async throws {
        for text in ["findable-one", "findable-two"] {
            let operation = NewOperation(
                id: Identifier(derivedFrom: [Array(text.utf8)]),
                kind: ReadingFact.kind,
                version: 1,
                payload: Array(text.utf8)
            )
            try await world.store.write { [outbox = world.outbox] in
                try outbox.append([operation], in: $0)
            }
        }
        let rig = try DeliveryRig(world: world)
        try await rig.pull(.sample(.visionixIndex))
        let envelope = hub.publicKey
        try await PulledConfiguration(store: world.store).apply(
            PullReply(
                changes: [
                    .init(
                        position: 1,
                        key: sendsKey ? EnvelopeKey.key : "other",
                        kind: .put,
                        rowVersion: 1,
                        payload: String(decoding: try JSON.encode(envelope), as: UTF8.self)
                    )
                ],
                position: 1,
                more: false,
                hub: DeliveryRig.hub,
                serverTime: AgentWorld.now
            )
        )
    }

    /// What the Hub finds in the operations that wait.
    private func opened() async throws -> [Sync.Operation] {
        try await world.pending().filter { $0.kind == LeftoverFact.kind }.map { stored in
            try JSON.decode(LeftoverFact.self, from: stored.payload)
                .operation(sequence: stored.sequence, open: hub.open)
        }
    }

    @Test func `what was not sent is sealed to the Hub, in its order and chain`() async throws {
        try await prepare()
        let before = try await world.pending()
        #expect(try await revocation.enforce(as: Self.agent))
        let after = try await world.pending()
        #expect(after.map(\.id) == before.map(\.id))
        #expect(after.map(\.sequence) == before.map(\.sequence))
        var chain = Chain.start
        for operation in after {
            chain = Chain.next(
                after: chain,
                sequence: operation.sequence,
                id: operation.id,
                payload: operation.payload
            )
            #expect(operation.chain == chain)
            #expect(Data(operation.payload).range(of: Data("findable".utf8)) == nil)
        }
        let head = try await world.store.read { [outbox = world.outbox] in try outbox.head(in: $0) }
        #expect(head.chain == chain)
        let opened = try await opened()
        #expect(opened.map(\.payload) == before.map(\.payload))
        #expect(opened.map(\.kind) == before.map(\.kind))
        #expect(opened.map(\.id) == before.map(\.id))
    }

    @Test func `it is sealed as well where retention has removed all that was sent`() async throws {
        try await prepare()
        let before = try await world.pending()
        let sent = try #require(before.first)
        try await world.store.write { [outbox = world.outbox] database in
            try outbox.settle(sent.sequence, as: .applied, code: nil, in: database)
            try SyncStore.Progress(acknowledged: sent.sequence, chain: sent.chain)
                .store(in: database)
            let later = AgentWorld.now.advanced(by: .seconds(1))
            #expect(try Retention.removeOperations(before: later, limit: 10, in: database) == 1)
        }
        #expect(try await revocation.enforce(as: Self.agent))
        let waiting = try await world.pending()
        #expect(waiting.map(\.id) == before.dropFirst().map(\.id))
        let first = try #require(waiting.first)
        #expect(
            first.chain
                == Chain.next(
                    after: sent.chain,
                    sequence: first.sequence,
                    id: first.id,
                    payload: first.payload
                )
        )
    }

    @Test func `what the Hub sent is erased`() async throws {
        try await prepare()
        try await revocation.enforce(as: Self.agent)
        #expect(try await world.count("SELECT count(*) FROM pulled_row") == 0)
        #expect(
            try await world.count("SELECT count(*) FROM sync_state WHERE key GLOB 'pull.*'") == 0
        )
        #expect(
            try await world.count(
                "SELECT count(*) FROM command WHERE sealed_payload IS NOT NULL"
            ) == 0
        )
    }

    @Test func `it is done once, and lifted once`() async throws {
        try await prepare()
        #expect(try await revocation.mark() == nil)
        #expect(try await !revocation.lift())
        #expect(try await revocation.enforce(as: Self.agent))
        let sealed = try await world.pending()
        #expect(try await !revocation.enforce(as: Self.agent))
        #expect(try await world.pending() == sealed)
        let mark = try #require(try await revocation.mark())
        #expect(mark == Revocation.Mark(agent: Self.agent, at: AgentWorld.now, isSealed: true))
        #expect(try await revocation.lift())
        #expect(try await revocation.mark() == nil)
        // Revoked again before they were sent, they are not sealed twice.
        #expect(try await revocation.enforce(as: Self.agent))
        #expect(try await opened().allSatisfy { $0.kind != LeftoverFact.kind })
    }

    @Test func `without a key of the Hub's nothing is lost`() async throws {
        try await prepare(sendsKey: false)
        let before = try await world.pending()
        try await revocation.enforce(as: Self.agent)
        #expect(try await world.pending() == before)
        #expect(try await revocation.mark()?.isSealed == false)
    }

    @Test func `after half a year what was never sent is removed`() async throws {
        try await prepare()
        try await revocation.enforce(as: Self.agent)
        #expect(try await revocation.expire() == 0)
        let count = try await world.pending().count
        let folder = world.folder
        try world.store.close()
        let later = try AgentWorld(
            now: AgentWorld.now.advanced(by: .seconds(181 * 86400)),
            folder: folder
        )
        let expired = try await Revocation(store: later.store, outbox: later.outbox).expire()
        #expect(expired == count)
    }
}
