import Foundation
import GRDB
import Logging
import Shared
import Sync
import Synchronization

/// Tells the Hub of devices: appends a fact to the outbox for each change of state that lasts.
///
/// What was written last is kept beside, so that a restart of the Agent is no news, and a device
/// that was pulled out meanwhile is.
final class DeviceFacts: Sendable {
    private let store: AgentStore
    private let outbox: Outbox
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let schedule = Mutex(FactSchedule())
    /// True while only what is wrong is told, so that the rest takes no room.
    private let isHolding = Atomic(false)
    private let alarm = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    private static let prefix = "device."
    /// How long a full disk is left alone.
    private static let storeDelay = Duration.seconds(5)

    init(
        store: AgentStore,
        outbox: Outbox,
        logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.store = store
        self.outbox = outbox
        self.logger = logger
        self.now = now
    }

    /// Reads what the Hub was told before the start; to be done before `settle`.
    func load() async {
        do {
            let rows = try await store.read { database in
                try Data.fetchAll(
                    database,
                    sql: "SELECT value FROM sync_state WHERE key GLOB 'device.*'"
                )
            }
            let facts = rows.compactMap { try? JSON.decode(DeviceFact.self, from: $0) }
            schedule.withLock { $0.learn(facts) }
        } catch {
            logger.warning("Devices are told anew", metadata: ["error": "\(error)"])
        }
    }

    /// What the Hub was told last of each device.
    var written: [DeviceFact] { schedule.withLock(\.written) }

    /// Takes the present state of a device.
    func note(_ fact: DeviceFact) {
        let now = now()
        schedule.withLock { $0.note(fact, at: now) }
        alarm.continuation.yield()
    }

    /// While the disk is short of room, only what is wrong is told; the rest waits, the newest of
    /// each device, until `false` is said.
    func hold(_ isHolding: Bool) {
        self.isHolding.store(isHolding, ordering: .relaxed)
        alarm.continuation.yield()
    }

    /// Says of each device of these kinds that the Hub takes for attached and that is not among
    /// `keys`: it went while nobody looked.
    func settle(
        _ kinds: Set<DeviceFact.Attachment>,
        present keys: Set<String>,
        at instant: Instant
    ) {
        let gone = schedule.withLock(\.written).filter {
            kinds.contains($0.attachment) && $0.state != .detached && !keys.contains($0.key)
        }
        for fact in gone {
            var fact = fact
            fact.state = .detached
            fact.since = instant
            fact.problem = nil
            note(fact)
        }
    }

    /// Writes what is due, until the task is cancelled.
    func run() async {
        var alarms = alarm.stream.makeAsyncIterator()
        while !Task.isCancelled {
            guard let due = schedule.withLock(\.nextDue) else {
                guard await alarms.next() != nil else { return }
                continue
            }
            try? await Task.sleep(until: min(due, now() + .seconds(1)), clock: .continuous)
            guard !Task.isCancelled else { return }
            guard await write() else {
                try? await Task.sleep(for: Self.storeDelay)
                continue
            }
        }
    }

    /// Writes what is due now; false where the store did not take it.
    @discardableResult
    func write(dueAt moment: ContinuousClock.Instant? = nil) async -> Bool {
        let now = moment ?? now()
        let isHolding = isHolding.load(ordering: .relaxed)
        let facts = schedule.withLock { $0.due(at: now, onlyProblems: isHolding) }
        guard !facts.isEmpty else { return true }
        do {
            try await append(facts)
            return true
        } catch {
            logger.warning("Devices cannot be told yet", metadata: ["error": "\(error)"])
            schedule.withLock { schedule in
                for fact in facts { schedule.putBack(fact, at: now) }
            }
            return false
        }
    }

    private func append(_ facts: [DeviceFact]) async throws {
        let clock = store.clock
        let rows = try facts.map { fact in
            (key: Self.prefix + fact.key, payload: try JSON.encode(fact))
        }
        let operations = rows.map { row in
            NewOperation(
                id: clock.identifier(),
                kind: DeviceFact.kind,
                version: DeviceFact.version,
                payload: row.payload
            )
        }
        try await store.write { [outbox] database in
            try outbox.append(operations, in: database)
            for row in rows {
                try database.execute(
                    sql: """
                        INSERT INTO sync_state (key, value) VALUES (?, ?)
                        ON CONFLICT (key) DO UPDATE SET value = excluded.value
                        """,
                    arguments: [row.key, Data(row.payload)]
                )
            }
        }
    }
}
