import Gzip
import Shared
import Sync

extension Doctor {
    /// Goes through what would be sent next as a push does, and sends nothing.
    func outboxCheck(_ store: AgentStore, _ board: SyncBoard) -> DoctorCheck {
        let (name, now) = ("outbox", now)
        return DoctorCheck(name) {
            if let code = board.current.alarm, let finding = Self.alarmFinding(name, code) {
                return finding
            }
            do {
                let next = try await Self.next(in: store)
                guard let first = next.first else {
                    return DoctorFinding(name, .ok, "Nothing waits for the Hub.")
                }
                if let problem = Self.problem(of: next) {
                    return DoctorFinding(
                        name,
                        .problem,
                        problem,
                        fix:
                            "Make a support bundle (clinic-agent support-bundle) and ask for help; "
                            + "nothing is lost meanwhile."
                    )
                }
                let bytes = Gzip.compress(next.flatMap(\.payload)).count
                let seconds = now().duration(since: first.createdAt).wholeMilliseconds / 1000
                let detail =
                    "The next \(next.count) operations are whole (\(bytes) bytes on the way), the "
                    + "oldest waits for \(seconds) s."
                guard seconds > 900 else { return DoctorFinding(name, .ok, detail) }
                return DoctorFinding(
                    name,
                    .warning,
                    detail,
                    fix: "See what is said of the Hub above; everything is kept here until then."
                )
            } catch {
                return DoctorFinding(
                    name,
                    .problem,
                    "What waits for the Hub cannot be read: \(error)",
                    fix: "See the checks of the sealing key and of the database."
                )
            }
        }
    }

    private static func next(in store: AgentStore) async throws -> [StoredOperation] {
        let outbox = Outbox(sealer: store.sealer, clock: store.clock)
        return try await store.read { database in
            try outbox.pending(
                after: 0,
                maximumCount: 500,
                maximumBytes: SyncLimits.gatheredBytes,
                in: database
            )
        }
    }

    /// What a push would be refused for.
    private static func problem(of operations: [StoredOperation]) -> String? {
        for (before, after) in zip(operations, operations.dropFirst())
        where before.epoch == after.epoch {
            let link = Chain.next(
                after: before.chain,
                sequence: after.sequence,
                id: after.id,
                payload: after.payload
            )
            guard after.sequence == before.sequence + 1, after.chain == link else {
                return "The chain of operations is broken at \(after.sequence)."
            }
        }
        return operations.first { $0.payload.count > SyncLimits.payloadBytes }.map {
            "Operation \($0.sequence) is larger than the Hub takes."
        }
    }

    /// Nil for a failure that the checks of the way to the Hub explain.
    private static func alarmFinding(_ name: String, _ code: String) -> DoctorFinding? {
        let fix: String? =
            switch code {
            case "fork":
                "The Hub has other operations under these numbers: see this PC on the Hub's Agents "
                    + "page."
            case "cloneSuspect":
                "Another copy of this PC's disk is running: switch it off, or enrol it anew."
            case "epochClosed": "See this PC on the Hub's Agents page."
            case "versionNewer":
                "This program is newer than the Hub: update the Hub, or install the version before."
            case "revoked", "certificate": "The Hub does not accept this PC: enrol it again."
            default: nil
            }
        return fix.map {
            DoctorFinding(
                name,
                .problem,
                "Nothing is sent (\(code)); everything is kept.",
                fix: $0
            )
        }
    }
}
