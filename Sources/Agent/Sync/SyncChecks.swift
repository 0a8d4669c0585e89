import Shared
import SwiftASN1
import Sync
import X509

/// What `doctor` looks at on the way to the Hub.
struct SyncChecks: Sendable {
    private let folder: IdentityFolder
    private let configured: String?
    private let machineId: String
    private let doubt: @Sendable () -> Suspicion?
    private let clock: WallClock

    /// Takes where the identity is kept, the Hub's address in the configuration, where the machine's
    /// id is, and what the running Agent doubts of itself.
    init(
        folder: IdentityFolder,
        configured: String? = nil,
        machineId: String = MachineMarks.machineIdPath,
        doubt: @escaping @Sendable () -> Suspicion? = { nil },
        clock: WallClock = .system
    ) {
        self.folder = folder
        self.configured = configured
        self.machineId = machineId
        self.doubt = doubt
        self.clock = clock
    }

    /// The checks in the order in which one builds on the other.
    var checks: [DoctorCheck] {
        [
            DoctorCheck("enrolment") { enrolment() },
            DoctorCheck("machine") { [folder, machineId, doubt] in
                InstallationCheck(folder: folder, machineId: machineId, doubt: doubt()).finding()
            },
            DoctorCheck("certificate") { certificate() },
        ] + HubRouteChecks(folder: folder, configured: configured).checks + [
            DoctorCheck("hub") { await hub() }
        ]
    }

    private func enrolment() -> DoctorFinding {
        do {
            guard let identity = try folder.load() else {
                return DoctorFinding(
                    "enrolment",
                    .warning,
                    "This PC is not enrolled; readings wait here.",
                    fix: """
                        Ask for a code (clinic-hub agent invite) and run: \
                        clinic-agent enrol --hub https://HUB:8444 CODE
                        """
                )
            }
            return DoctorFinding(
                "enrolment",
                .ok,
                "Enrolled as “\(identity.workstation)” at \(identity.siteName)."
            )
        } catch {
            return DoctorFinding(
                "enrolment",
                .problem,
                "The identity cannot be read.",
                fix: "\(error) If that does not help, enrol this PC again with a new code."
            )
        }
    }

    private func certificate() -> DoctorFinding {
        guard let identity = try? folder.load() else {
            return .skipped("certificate", "this PC is not enrolled.")
        }
        let expiry = identity.certificateExpiresAt
        let left = expiry.duration(since: clock.now())
        if left <= .zero {
            return DoctorFinding(
                "certificate",
                .problem,
                "The certificate ended at \(expiry).",
                fix: """
                    Check this PC's clock. If it is right, the running Agent gets a new one by \
                    itself, for half a year; after that enrol the PC again with a new code.
                    """
            )
        }
        if left < .seconds(15 * 86400) {
            return DoctorFinding(
                "certificate",
                .warning,
                "The certificate ends at \(expiry) and was not renewed.",
                fix: "It renews itself when the Hub can be reached: see the next check."
            )
        }
        guard isKeyOfCertificate else {
            return DoctorFinding(
                "certificate",
                .problem,
                "The certificate or its key cannot be read, or they do not belong together.",
                fix: "Enrol this PC again with a new code."
            )
        }
        return DoctorFinding("certificate", .ok, "Valid until \(expiry).")
    }

    private var isKeyOfCertificate: Bool {
        guard let certificate = try? folder.text(folder.certificatePath),
            let key = try? folder.text(folder.keyPath),
            let known = try? Certificate(pemEncoded: certificate).publicKey,
            let own = try? Certificate.PrivateKey(pemEncoded: key).publicKey
        else { return false }
        return known == own
    }

    /// True where the Hub can be asked: what keeps that from being so has a check of its own.
    private func isReached(_ identity: AgentIdentity) async -> Bool {
        guard isKeyOfCertificate, let route = HubRoute(address: identity.hub),
            let authority = try? folder.text(folder.authorityPath)
        else { return false }
        do {
            try await route.connect()
            try await route.handshake(authority: authority)
            return true
        } catch {
            return false
        }
    }

    private func hub() async -> DoctorFinding {
        guard let identity = try? folder.load() else {
            return .skipped("hub", "this PC is not enrolled.")
        }
        guard await isReached(identity) else {
            return .skipped("hub", "see the checks before.")
        }
        do {
            let tls = try HubClient.tls(
                authority: try folder.text(folder.authorityPath),
                certificate: try folder.text(folder.certificatePath),
                key: try folder.text(folder.keyPath)
            )
            let sentAt = clock.now()
            let reply = try await withClient(HubClient(address: identity.hub, tls: tls)) {
                try await $0.get(
                    SyncPaths.pull(class: "config", after: 0),
                    reply: PullReply.self
                )
            }
            return Self.clockFinding(reply.serverTime, sentAt: sentAt, receivedAt: clock.now())
        } catch let error as SyncError {
            return DoctorFinding(
                "hub",
                .problem,
                "The Hub does not answer as it should (\(error.code)).",
                fix: Self.fix(error)
            )
        } catch {
            return DoctorFinding("hub", .problem, "The identity cannot be used.", fix: "\(error)")
        }
    }

    private static func clockFinding(
        _ serverTime: Instant,
        sentAt: Instant,
        receivedAt: Instant
    ) -> DoctorFinding {
        let roundTrip = receivedAt.milliseconds - sentAt.milliseconds
        let offset = serverTime.milliseconds - (sentAt.milliseconds + roundTrip / 2)
        guard ClockState(offset: offset) == .good else {
            return DoctorFinding(
                "hub",
                ClockState(offset: offset) == .suspect ? .problem : .warning,
                "The Hub answers; its clock is \(offset) ms from this PC's.",
                fix: "Let both keep time by NTP (timedatectl status)."
            )
        }
        return DoctorFinding("hub", .ok, "Answers within \(roundTrip) ms.")
    }

    private static func fix(_ error: SyncError) -> String {
        switch error {
        case .unreachable("tls"):
            "The Hub presents another certificate, or this PC's clock is wrong. Check both."
        case .unreachable: "Check the network, the Hub's address, and the firewall for its port."
        case .certificate, .revoked: "The Hub does not accept this PC: enrol it again."
        default: "Look at the Hub's journal; nothing is lost meanwhile."
        }
    }
}
