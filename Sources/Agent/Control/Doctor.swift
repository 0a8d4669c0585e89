import Folders
import Glibc
import GRDB
package import Shared

/// The checks of one PC, in the order in which a person would look: what the later ones need first.
package struct Doctor: Sendable {
    let configuration: AgentConfiguration
    private let clock: WallClock

    var stateDirectory: String { configuration.stateDirectory }
    var quotaMegabytes: Int { configuration.quotaMegabytes }
    var now: @Sendable () -> Instant { { [clock] in clock.now() } }
    let workbench = Workbench()

    package init(configuration: AgentConfiguration, clock: WallClock = .system) {
        self.configuration = configuration
        self.clock = clock
    }

    /// The checks for an Agent that runs: `store` and `monitors` are its own.
    func checks(
        store: AgentStore,
        monitors: [SourceMonitor],
        disk: DiskBoard? = nil
    ) -> [DoctorCheck] {
        [configurationCheck, stateCheck, spaceCheck, probeCheck, ballastCheck(disk)]
            + [
                DoctorCheck("sealing key") {
                    DoctorFinding("sealing key", .ok, "The store opens with it.")
                },
                databaseCheck { try await store.read { try $0.isSound() ? .sound : .damaged } },
                quotaCheck(store),
                refusalCheck(store, disk),
                clockCheck { try await store.latestInstant() },
            ]
            + zip(configuration.sources, monitors).map { sourceCheck($0, monitor: $1) }
    }

    /// The checks for an Agent that does not run.
    package func checks(credential: [UInt8]?) -> [DoctorCheck] {
        let path = "\(configuration.stateDirectory)/\(AgentStore.fileName)"
        return [
            configurationCheck, stateCheck, spaceCheck, probeCheck, ballastCheck(nil),
            keyCheck(credential),
        ]
            + [
                databaseCheck { [workbench] in
                    guard access(path, F_OK) == 0 else { return .none }
                    return try await workbench.run { try Self.health(of: path) }
                },
                clockCheck { nil },
            ]
            + configuration.sources.map { sourceCheck($0, monitor: nil) }
    }

    private var configurationCheck: DoctorCheck {
        let count = configuration.sources.count
        return DoctorCheck("configuration") {
            guard count > 0 else {
                return DoctorFinding(
                    "configuration",
                    .warning,
                    "No source is configured: nothing will be captured.",
                    fix: "Name the devices' folders under sources in agent.yaml, then restart."
                )
            }
            return DoctorFinding("configuration", .ok, "\(count) sources are configured.")
        }
    }

    private var stateCheck: DoctorCheck {
        let path = configuration.stateDirectory
        return DoctorCheck("state folder") {
            guard let status = FileStatus(path: path) else {
                return DoctorFinding(
                    "state folder",
                    .problem,
                    "\(path) cannot be looked at (errno \(errno)).",
                    fix: "Create it for the service's user, or let systemd do so by StateDirectory."
                )
            }
            guard status.isFolder, !status.isShared else {
                return DoctorFinding(
                    "state folder",
                    .problem,
                    "Others than the service may enter \(path).",
                    fix: "chmod 0700 \(path)"
                )
            }
            return DoctorFinding("state folder", .ok, "Only the service may enter \(path).")
        }
    }

    /// Writes and syncs a page beside the database, as a commit does.
    private var probeCheck: DoctorCheck {
        let path = configuration.stateDirectory + "/.probe"
        let workbench = workbench
        return DoctorCheck("disk") {
            let name = "disk"
            guard
                let result = await workbench.run(
                    within: DoctorCheck.maximumTime,
                    { SyncProbe.run(path) }
                )
            else {
                return DoctorFinding(
                    name,
                    .problem,
                    "A write has not come back.",
                    fix: "Look at the disk: dmesg and smartctl say what is wrong with it."
                )
            }
            switch result {
            case .failure(let error):
                return DoctorFinding(
                    name,
                    .problem,
                    "A page cannot be written and synced (errno \(error.errorNumber)).",
                    fix: "Free space, or give the folder to the service's user; run doctor as it "
                        + "or as root."
                )
            case .success(let duration) where duration > .milliseconds(250):
                return DoctorFinding(
                    name,
                    .warning,
                    "A sync took \(duration.wholeMilliseconds) ms.",
                    fix: "Look for what keeps the disk busy, or for a disk that is about to fail."
                )
            case .success(let duration):
                return DoctorFinding(name, .ok, "A sync took \(duration.wholeMilliseconds) ms.")
            }
        }
    }
}
