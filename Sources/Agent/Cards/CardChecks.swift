import Glibc
import Shared
import SmartCard

/// What `doctor` says of cards.
struct CardChecks: Sendable {
    let desk: CardDesk?
    /// Files with roots of test cards, as the configuration names them.
    var testRoots: [String] = []

    var checks: [DoctorCheck] {
        [DoctorCheck("cards") { [desk] in Self.finding(desk?.board) }]
            + (desk == nil || testRoots.isEmpty ? [] : [testCards])
    }

    /// Said for as long as it is so: under a root that was forgotten invented persons come in.
    private var testCards: DoctorCheck {
        DoctorCheck("test cards") { [count = testRoots.count] in
            DoctorFinding(
                "test cards",
                .warning,
                "This PC believes cards under \(count) test root\(count == 1 ? "" : "s").",
                fix: "Before patients come, take card.testRoots out of agent.yaml, and restart."
            )
        }
    }

    /// Nil where cards are switched off.
    static func finding(_ board: CardBoard?, isInstalled: Bool = Self.isInstalled) -> DoctorFinding
    {
        let name = "cards"
        guard let board else { return DoctorFinding(name, .ok, "card.enabled is false.") }
        guard let isAvailable = board.isAvailable else {
            return DoctorFinding(name, .ok, "The card readers are being looked for.")
        }
        guard isAvailable else {
            let code = board.problem ?? .noService
            if !isInstalled {
                return DoctorFinding(name, .ok, "No card reader: pcscd is not installed here.")
            }
            let fix =
                code == .notAuthorised
                ? "Install polkit-1/rules.d/60-clinic-agent.rules, then restart polkit."
                : "systemctl enable --now pcscd.socket"
            return DoctorFinding(name, .warning, PCSCError(code).description, fix: fix)
        }
        let status = board.status
        let mute = status.readers.filter { $0.state == .mute }
        guard mute.isEmpty else {
            return DoctorFinding(
                name,
                .warning,
                "In \(mute[0].name) something does not answer.",
                fix: "Take the card out and put it in with the chip first, facing up."
            )
        }
        let readers = status.readers.map { reader in
            reader.lastOutcome.map { "\(reader.name) (last card: \($0))" } ?? reader.name
        }
        return DoctorFinding(
            name,
            .ok,
            readers.isEmpty
                ? "pcscd runs, and no card reader is connected."
                : "pcscd runs: \(readers.joined(separator: ", "))."
        )
    }

    static var isInstalled: Bool {
        let places: [String] = ["/usr/sbin/pcscd", "/usr/bin/pcscd", "/run/pcscd/pcscd.comm"]
        return places.contains { access($0, F_OK) == 0 }
    }
}
