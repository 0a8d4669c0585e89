import Foundation
import GRDB
import Shared
import Sync
import Synchronization
import Testing

@testable import Agent

@Suite struct PullReplicaTests {
    private static let hub = Identifier(derivedFrom: [Array("hub".utf8)])
    private let world: AgentWorld
    private let source = FakeDownstream(hub: PullReplicaTests.hub)

    init() throws {
        world = try AgentWorld()
    }

    private var configuration: PulledConfiguration { PulledConfiguration(store: world.store) }

    private func driver(_ classes: [any PulledClass]? = nil) -> PullDriver {
        PullDriver(
            hub: source,
            classes: classes ?? [configuration],
            board: SyncBoard(),
            clock: world.store.clock,
            logger: .silent,
            doorbell: Doorbell()
        )
    }

    private func pull(_ classes: [any PulledClass]? = nil) async throws {
        var turn = PullDriver.Turn()
        try await driver(classes).round(&turn)
    }

    private func rows() async throws -> [String: String] {
        try await configuration.rows("", as: String.self)
    }

    /// A row that is not the Hub's, as a fault of ours would leave it.
    private func damage(_ sql: String) async throws {
        try await world.store.write { try $0.execute(sql: sql) }
    }

    @Test func `what is the Hub's is not fetched again`() async throws {
        source.put("a", "1")
        source.put("b", "2")
        try await pull()
        try await pull()
        #expect(try await rows() == ["a": "1", "b": "2"])
        #expect(source.asked == ["changes 0", "changes 2"])
    }

    @Test(arguments: [
        "DELETE FROM pulled_row WHERE key = 'a'",
        "UPDATE pulled_row SET payload = CAST('\"9\"' AS BLOB) WHERE key = 'a'",
        "UPDATE pulled_row SET row_version = 7 WHERE key = 'a'",
        "INSERT INTO pulled_row VALUES ('config', 0, 'z', 1, 1, CAST('\"1\"' AS BLOB))",
    ])
    func `a replica that is another one is fetched whole, and told`(sql: String) async throws {
        source.put("a", "1")
        source.put("b", "2")
        try await pull()
        try await damage(sql)
        try await pull()
        #expect(try await rows() == ["a": "1", "b": "2"])
        #expect(source.asked.dropFirst() == ["changes 2", "snapshot digest -", "changes 2"])
    }

    @Test func `until the last page has come the old rows count, also after a stop`() async throws {
        for key in ["a", "b", "c"] { source.put(key, "1") }
        try await pull()
        try await damage("UPDATE pulled_row SET payload = CAST('\"9\"' AS BLOB) WHERE key = 'b'")
        source.setRowsPerPage(2)
        source.failAfter(2)
        await #expect(throws: SyncError.unreachable("cut")) { try await pull() }
        #expect(try await rows() == ["a": "1", "b": "9", "c": "1"])
        #expect(try await configuration.cursor().snapshot?.after == "b")
        // What changes meanwhile has a position behind the snapshot's.
        source.put("a", "3")
        source.remove("b")
        try await pull()
        #expect(try await rows() == ["a": "3", "c": "1"])
        #expect(
            source.asked.suffix(4)
                == ["snapshot digest -", "snapshot digest b", "snapshot digest b", "changes 3"]
        )
    }

    @Test func `another Hub's rows take the place of the old ones at once`() async throws {
        source.put("a", "1")
        try await pull()
        source.become(Identifier(derivedFrom: [Array("restored".utf8)]))
        source.put("b", "2")
        try await pull()
        #expect(try await rows() == ["b": "2"])
        #expect(source.asked.dropFirst() == ["changes 1", "snapshot hub -", "changes 1"])
    }

    @Test func `a Hub that lacks changes behind the cursor is asked for every row`() async throws {
        source.put("a", "1")
        try await pull()
        source.requireSnapshot()
        source.put("b", "2")
        try await pull()
        #expect(try await rows() == ["a": "1", "b": "2"])
        #expect(source.asked.dropFirst() == ["changes 1", "snapshot cursor -", "changes 2"])
    }

    @Test func `a digest that stays wrong is tried again, not for ever at once`() async throws {
        source.put("a", "1")
        source.lie()
        await #expect(throws: SyncError.garbage) { try await pull() }
        #expect(source.asked == ["changes 0", "snapshot digest -", "changes 1"])
        #expect(try await rows() == ["a": "1"])
    }

    @Test func `a Hub that asks for every row again and again is not obeyed for ever`()
        async throws
    {
        source.put("a", "1")
        try await pull()
        source.requireSnapshot(beyond: 100)
        await #expect(throws: SyncError.garbage) { try await pull() }
        #expect(source.asked.count { $0.hasPrefix("snapshot") } == 2)
        #expect(try await rows() == ["a": "1"])
    }

    @Test func `a Hub of yesterday sends no checkpoint and is believed`() async throws {
        source.put("a", "1")
        source.sendNoCheckpoints()
        try await pull()
        try await pull()
        #expect(try await rows() == ["a": "1"])
        #expect(source.asked == ["changes 0", "changes 1"])
    }

    @Test func `a command that a snapshot brings again is taken once, and one that is gone is off`()
        async throws
    {
        let rig = try DeliveryRig(world: world)
        for number in [1, 2] {
            let command = Command.sample(.visionixWaitingList, number, patient: "10000\(number)4")
            let text = String(decoding: try JSON.encode(command), as: UTF8.self)
            source.put("command/\(command.id)", json: text)
        }
        try await pull([rig.work])
        source.become(Identifier(derivedFrom: [Array("restored".utf8)]))
        let kept = Command.sample(.visionixWaitingList, 1, patient: "1000014")
        source.put(
            "command/\(kept.id)",
            json: String(decoding: try JSON.encode(kept), as: UTF8.self)
        )
        try await pull([rig.work])
        #expect(try await rig.told() == ["received", "received"])
        #expect(try await world.count("SELECT count(*) FROM command WHERE is_cancelled = 1") == 1)
        #expect(try await world.count("SELECT count(*) FROM command WHERE is_cancelled = 0") == 1)
        // No payload stands in the replica: it names a patient.
        #expect(
            try await world.count("SELECT count(*) FROM pulled_row WHERE payload IS NOT NULL") == 0
        )
    }

    @Test func `25,000 rows come in pages and are the Hub's`() async throws {
        for number in 0..<25_000 { source.put("rule/\(number)", "x") }
        try await configuration.refetch(.cursor)
        try await pull()
        #expect(try await world.count("SELECT count(*) FROM pulled_row") == 25_000)
        #expect(source.asked.count == 26)
    }
}

/// A Hub in memory: rows, positions and what it was asked.
private final class FakeDownstream: Downstream {
    fileprivate struct State {
        var hub: Identifier
        var position: Int64 = 0
        var rows: [String: (position: Int64, version: Int64, payload: String?)] = [:]
        var asked: [String] = []
        var rowsPerPage = SyncLimits.rowsPerSnapshot
        var floor: Int64 = 0
        var answersLeft = Int.max
        var lies = false
        var hasCheckpoints = true
    }

    private let state: Mutex<State>

    init(hub: Identifier) {
        state = Mutex(State(hub: hub))
    }

    var asked: [String] { state.withLock { $0.asked } }

    func put(_ key: String, _ text: String) { put(key, json: "\"\(text)\"") }

    func put(_ key: String, json: String) { write(key, json) }

    func remove(_ key: String) { write(key, nil) }

    private func write(_ key: String, _ payload: String?) {
        state.withLock { state in
            state.position += 1
            let version = (state.rows[key]?.version ?? 0) + 1
            state.rows[key] = (state.position, version, payload)
        }
    }

    /// Another database answers from now on, empty.
    func become(_ hub: Identifier) { state.withLock { $0 = State(hub: hub, asked: $0.asked) } }

    func requireSnapshot(beyond count: Int64 = 1) {
        state.withLock { $0.floor = $0.position + count }
    }
    func setRowsPerPage(_ count: Int) { state.withLock { $0.rowsPerPage = count } }
    func failAfter(_ count: Int) { state.withLock { $0.answersLeft = count } }
    func lie() { state.withLock { $0.lies = true } }
    func sendNoCheckpoints() { state.withLock { $0.hasCheckpoints = false } }

    func changes(of name: String, after position: Int64) async throws(SyncError) -> PullReply {
        let reply = state.withLock { state -> PullReply? in
            state.asked.append("changes \(position)")
            guard position == 0 || position >= state.floor else { return nil }
            return state.changes(after: position)
        }
        guard let reply else { throw .snapshotRequired }
        return reply
    }

    func snapshot(
        of name: String,
        because reason: SnapshotReason,
        after key: String?
    ) async throws(SyncError) -> SnapshotReply {
        let reply = state.withLock { state -> SnapshotReply? in
            state.asked.append("snapshot \(reason.rawValue) \(key ?? "-")")
            state.answersLeft -= 1
            guard state.answersLeft > 0 else {
                state.answersLeft = .max
                return nil
            }
            let rows = state.rows.filter { $0.value.payload != nil && $0.key > (key ?? "") }
                .sorted { $0.key < $1.key }
            return SnapshotReply(
                rows: rows.prefix(state.rowsPerPage).map {
                    .init(
                        key: $0.key,
                        rowVersion: $0.value.version,
                        payload: $0.value.payload ?? ""
                    )
                },
                position: state.position,
                more: rows.count > state.rowsPerPage,
                hub: state.hub,
                serverTime: AgentWorld.now
            )
        }
        guard let reply else { throw .unreachable("cut") }
        return reply
    }
}

extension FakeDownstream.State {
    func changes(after position: Int64) -> PullReply {
        let changes = rows.filter { $0.value.position > position }
            .sorted { $0.value.position < $1.value.position }
        var checkpoint = Checkpoint()
        for (key, row) in rows {
            guard let payload = row.payload else { continue }
            checkpoint.add(
                Checkpoint.mark(key: key, rowVersion: row.version, payload: Array(payload.utf8))
            )
        }
        if lies { checkpoint.add(1) }
        return PullReply(
            changes: changes.map { key, row in
                .init(
                    position: row.position,
                    key: key,
                    kind: row.payload == nil ? .remove : .put,
                    rowVersion: row.version,
                    payload: row.payload
                )
            },
            position: self.position,
            more: false,
            hub: hub,
            serverTime: AgentWorld.now,
            checkpoint: hasCheckpoints ? checkpoint : nil
        )
    }
}
