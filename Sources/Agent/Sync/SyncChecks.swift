import Shared
import Sync

/// What `doctor` looks at on the way to the Hub.
struct SyncChecks: Sendable {
    private let folder: IdentityFolder
    private let clock: WallClock

    /// Takes where the identity is kept.
    init(folder: IdentityFolder, clock: WallClock = .system) {
        self.folder = folder
        self.clock = clock
    }

    /// The checks in the order in which one builds on the other.
    var checks: [DoctorCheck] {
        [
            DoctorCheck("enrolment") { enrolment() },
            DoctorCheck("certificate") { certificate() },
            DoctorCheck("hub") { await hub() },
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
                fix: "\(error)"
            )
        }
    }

    private func certificate() -> DoctorFinding {
        guard let identity = try? folder.load() else {
            return DoctorFinding("certificate", .ok, "None yet: this PC is not enrolled.")
        }
        let expiry = identity.certificateExpiresAt
        let left = expiry.duration(since: clock.now())
        if left <= .zero {
            return DoctorFinding(
                "certificate",
                .problem,
                "The certificate ended at \(expiry).",
                fix: "Check this PC's clock; if it is right, enrol the PC again with a new code."
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
        return DoctorFinding("certificate", .ok, "Valid until \(expiry).")
    }

    private func hub() async -> DoctorFinding {
        guard let identity = try? folder.load() else {
            return DoctorFinding("hub", .ok, "Not asked: this PC is not enrolled.")
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
        guard abs(offset) <= 2000 else {
            return DoctorFinding(
                "hub",
                .warning,
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
