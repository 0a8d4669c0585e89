import DeviceFormats
import Folders
import GRDB
import Shared
import Sync

@testable import Agent

/// Numbers that follow from a seed: SplitMix64.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// What an Agent does to its store, beside a journal of what the store has acknowledged.
struct StoreWork {
    private var random: SeededNumbers
    private(set) var operations: [Identifier: [UInt8]] = [:]
    private(set) var documents: [Digest256: [UInt8]] = [:]
    /// What retention may have removed, acknowledged or not.
    private var mayBeGone: Set<Identifier> = []
    private var step = 0

    /// What the store has lost, or holds damaged.
    struct Verdict: Equatable {
        var lost = 0
        var damage: [String] = []
    }

    init(seed: UInt64) { random = SeededNumbers(seed: seed) }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// Everything that it has written and heard of.
    var acknowledged: Int { operations.count + documents.count }

    /// Writes once.
    ///
    /// What is written counts as acknowledged where the call returns and `isHeard`.
    mutating func act(on store: AgentStore, isHeard: () -> Bool = { true }) async throws {
        step += 1
        switch number(0...9) {
        case 0...5: try await append(to: store, isHeard)
        case 6...7: try await capture(into: store, isHeard)
        default: try await settle(in: store)
        }
    }

    private mutating func append(to store: AgentStore, _ isHeard: () -> Bool) async throws {
        let outbox = Outbox(sealer: store.sealer, clock: store.clock)
        let new = (0..<number(1...3)).map { _ in
            NewOperation(id: store.clock.identifier(), kind: "test", version: 1, payload: bytes())
        }
        // Each by a writer of its own: a group carries them together, or one behind the other.
        let done = await withTaskGroup(of: Result<NewOperation, any Error>.self) { group in
            for operation in new {
                group.addTask {
                    do {
                        try await store.write { try outbox.append([operation], in: $0) }
                        return .success(operation)
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let heard = isHeard()
        for case .success(let operation) in done where heard {
            operations[operation.id] = operation.payload
        }
        for result in done { _ = try result.get() }
    }

    private mutating func capture(into store: AgentStore, _ isHeard: () -> Bool) async throws {
        let content = bytes()
        guard let key = PathHashKey(bytes: store.sealer.pathHashKey(source: "l80")),
            let path = RelativePath(text: "\(step).txt")
        else { return }
        let file = CapturedFile(
            source: "l80",
            name: path.text,
            pathKey: path.hash(key: key),
            state: FileState(size: Int64(content.count), modified: 1, inode: 1),
            bytes: content,
            isPartial: false
        )
        _ = try await DocumentStore(store).capture(file)
        if isHeard() { documents[Digest256(of: content)] = content }
    }

    /// Settles the oldest and removes what was settled before.
    private mutating func settle(in store: AgentStore) async throws {
        let outbox = Outbox(sealer: store.sealer, clock: store.clock)
        let count = number(1...12)
        let pending = try await store.read {
            try outbox.pending(after: 0, maximumCount: count, maximumBytes: .max, in: $0)
        }
        mayBeGone.formUnion(pending.map(\.id))
        try await store.write { database in
            try database.execute(sql: "DELETE FROM operation WHERE state <> 'pending'")
            for operation in pending {
                try outbox.settle(operation.sequence, as: .applied, code: nil, in: database)
            }
        }
    }

    private mutating func bytes() -> [UInt8] {
        let count = number(0...9) == 0 ? number(4000...12_000) : number(1...1500)
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// Compares the store with the journal; what is lost is struck from the journal.
    mutating func verify(_ store: AgentStore) async throws -> Verdict {
        let outbox = Outbox(sealer: store.sealer, clock: store.clock)
        let (check, pending, head) = try await store.read { database in
            (
                try String.fetchOne(database, sql: "PRAGMA integrity_check") ?? "",
                try outbox.pending(after: 0, maximumCount: .max, maximumBytes: .max, in: database),
                try outbox.head(in: database)
            )
        }
        var verdict = Verdict()
        if check != "ok" { verdict.damage.append("integrity_check") }
        for (before, after) in zip(pending, pending.dropFirst()) {
            let link = Chain.next(
                after: before.chain,
                sequence: after.sequence,
                id: after.id,
                payload: after.payload
            )
            if after.sequence != before.sequence + 1 || link != after.chain {
                verdict.damage.append("chain at \(after.sequence)")
            }
        }
        if let last = pending.last, last.sequence != head.sequence || last.chain != head.chain {
            verdict.damage.append("head")
        }
        let present = Dictionary(uniqueKeysWithValues: pending.map { ($0.id, $0.payload) })
        for (id, payload) in operations where !mayBeGone.contains(id) && present[id] != payload {
            verdict.lost += 1
            operations[id] = nil
        }
        for (digest, content) in documents
        where try await DocumentStore(store).content(digest) != content {
            verdict.lost += 1
            documents[digest] = nil
        }
        return verdict
    }
}

extension AgentStore {
    /// A small store of a test, whose log is moved into the database soon.
    static func small(in folder: TemporaryFolder, checkpointPages: Int = 20) throws -> AgentStore {
        try AgentStore.open(
            folder: folder.path,
            key: SealingKey(credential: AgentWorld.key),
            quotaMegabytes: 64,
            clock: WallClock { AgentWorld.now },
            checkpoints: Checkpoints(every: checkpointPages)
        )
    }
}
