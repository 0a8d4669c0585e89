import Glibc
import GRDB
import Shared

extension Doctor {
    func keyCheck(_ credential: [UInt8]?) -> DoctorCheck {
        let folder = stateDirectory
        return DoctorCheck("sealing key") {
            let name = "sealing key"
            do throws(SealingError) {
                let key =
                    if let credential {
                        try SealingKey(credential: credential)
                    } else {
                        try SealingKey(file: "\(folder)/\(SealingKey.fileName)")
                    }
                // A store that cannot be read at all has a check of its own.
                if (try? AgentStore.opens(in: folder, with: key)) == false { throw .keyWrong }
                return DoctorFinding(name, .ok, "The key can be read.")
            } catch .keyMissing where !AgentStore.exists(in: folder) {
                return DoctorFinding(name, .ok, "None yet: the first start makes one.")
            } catch {
                return DoctorFinding(
                    name,
                    .problem,
                    "\(error)",
                    fix:
                        "Restore the key from where it was put aside; without it the store is lost."
                )
            }
        }
    }

    /// What can be said of a database's file.
    enum DatabaseHealth: Sendable {
        /// There is none yet.
        case none
        case sound, damaged
        /// A newer version has written it.
        case newer
    }

    func databaseCheck(
        _ health: @escaping @Sendable () async throws -> DatabaseHealth
    ) -> DoctorCheck {
        DoctorCheck("database") {
            let name = "database"
            let fix =
                "Restart the service: it sets a damaged database aside, reads what it can of it, and "
                + "goes on in a new one. Then look at the disk: dmesg and smartctl."
            do {
                switch try await health() {
                case .none: return DoctorFinding(name, .ok, "None yet: the first start makes one.")
                case .sound: return DoctorFinding(name, .ok, "SQLite finds no damage.")
                case .damaged: return DoctorFinding(name, .problem, "It is damaged.", fix: fix)
                case .newer:
                    return DoctorFinding(
                        name,
                        .problem,
                        "A newer clinic-agent has written it.",
                        fix: "Install that version again: apt list --all-versions clinic-agent."
                    )
                }
            } catch {
                let reason = StoreError.translate(error)
                let isDamaged = (reason as? StoreError)?.isDamage == true
                let detail = isDamaged ? "It is damaged." : "\(reason)"
                return DoctorFinding(name, .problem, detail, fix: fix)
            }
        }
    }

    func quotaCheck(_ store: AgentStore) -> DoctorCheck {
        let quota = quotaMegabytes
        return DoctorCheck("quota") {
            let name = "quota"
            let used = DiskSpace.size(of: store.path) / 1_048_576
            let detail = "\(used) of \(quota) MiB are used."
            let fix =
                "Raise store.quotaMegabytes, or find out why the Hub does not take operations."
            if store.isFull { return DoctorFinding(name, .problem, detail, fix: fix) }
            if used * 10 > Int64(quota) * 9 {
                return DoctorFinding(name, .warning, detail, fix: fix)
            }
            return DoctorFinding(name, .ok, detail)
        }
    }

    /// `latest` answers the newest instant that the store knows.
    func clockCheck(_ latest: @escaping @Sendable () async throws -> Instant?) -> DoctorCheck {
        let now = now
        return DoctorCheck("clock") {
            let name = "clock"
            let fix = "Set the computer's clock, and let it follow a time server: timedatectl."
            let present = now()
            if let earliest = Instant("2025-01-01T00:00:00Z"), present < earliest {
                return DoctorFinding(name, .problem, "It stands years back.", fix: fix)
            }
            if let latest = try? await latest(), present.advanced(by: .seconds(60)) < latest {
                return DoctorFinding(
                    name,
                    .warning,
                    "It stands before the last capture.",
                    fix: fix
                )
            }
            return DoctorFinding(name, .ok, "\(present)")
        }
    }

    static func health(of path: String) throws -> DatabaseHealth {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration).read {
            guard try $0.isSound() else { return .damaged }
            return try StoreSchema.migrator.hasBeenSuperseded($0) ? .newer : .sound
        }
    }
}

extension AgentStore {
    /// When the newest document was captured.
    func latestInstant() async throws -> Instant? {
        try await read { database in
            try Instant.fetchOne(
                database,
                sql: "SELECT captured_at FROM document ORDER BY number DESC LIMIT 1"
            )
        }
    }
}
