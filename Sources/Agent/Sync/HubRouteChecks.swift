import Glibc
import Shared
import Sync

/// What `doctor` looks at on the way to the Hub before it asks it anything: name, port, TLS.
struct HubRouteChecks: Sendable {
    private let folder: IdentityFolder
    /// The address in the configuration, for a PC that is not enrolled.
    private let configured: String?

    init(folder: IdentityFolder, configured: String?) {
        self.folder = folder
        self.configured = configured
    }

    /// The checks in the order in which one builds on the other.
    var checks: [DoctorCheck] {
        [
            DoctorCheck("hub name") { await name() },
            DoctorCheck("hub port") { await port() },
            DoctorCheck("hub tls") { await tls() },
        ]
    }

    private var address: String? { (try? folder.load())?.hub ?? configured }

    private func name() async -> DoctorFinding {
        let name = "hub name"
        guard let address else { return .skipped(name, "no Hub is known here.") }
        guard let route = HubRoute(address: address) else {
            return DoctorFinding(
                name,
                .problem,
                "The Hub's address is none: \(address)",
                fix: "Enrol the PC again with the Hub's address."
            )
        }
        do throws(HubRoute.Failure) {
            let count = try await route.resolve()
            return DoctorFinding(name, .ok, "\(route.host) has \(count) addresses.")
        } catch {
            guard case .name(let sentence) = error else { return .skipped(name, "\(error)") }
            return DoctorFinding(
                name,
                .problem,
                "The name \(route.host) is not found: \(sentence).",
                fix: "Check the cable and /etc/resolv.conf, or give the name in /etc/hosts; "
                    + "getent hosts \(route.host) shows when it is found."
            )
        }
    }

    private func port() async -> DoctorFinding {
        let name = "hub port"
        guard let route = address.flatMap(HubRoute.init) else {
            return .skipped(name, "no Hub is known here.")
        }
        do throws(HubRoute.Failure) {
            try await route.connect()
            return DoctorFinding(name, .ok, "Port \(route.port) takes connections.")
        } catch {
            switch error {
            case .port(let code):
                let reason = String(cString: strerror(code))
                let fix =
                    code == ECONNREFUSED
                    ? "Start the Hub (systemctl status clinic-hub there), or correct the port."
                    : "Check the network and every firewall between for port \(route.port)."
                return DoctorFinding(
                    name,
                    .problem,
                    "Port \(route.port) of \(route.host) takes no connection: \(reason).",
                    fix: fix
                )
            default: return .skipped(name, "the Hub's name is not found.")
            }
        }
    }

    private func tls() async -> DoctorFinding {
        let name = "hub tls"
        guard let route = address.flatMap(HubRoute.init), (try? folder.load()) != nil else {
            return .skipped(name, "this PC is not enrolled.")
        }
        guard let authority = try? folder.text(folder.authorityPath) else {
            return DoctorFinding(
                name,
                .problem,
                "The certificate of the Hub's authority cannot be read.",
                fix: "Enrol this PC again with a new code."
            )
        }
        do throws(HubRoute.Failure) {
            try await route.connect()
            try await route.handshake(authority: authority)
            return DoctorFinding(name, .ok, "The Hub shows a certificate of its authority.")
        } catch {
            guard case .tls(let cause) = error else {
                return .skipped(name, "the Hub's port takes no connection.")
            }
            return DoctorFinding(name, .problem, Self.sentence(cause), fix: Self.fix(cause))
        }
    }

    private static func sentence(_ cause: HubRoute.TLS) -> String {
        switch cause {
        case .notTrusted: "What answers shows a certificate of another authority, or an old one."
        case .otherName: "The Hub's certificate is for another name than the one in its address."
        case .notTLS: "What answers there does not speak TLS 1.3."
        case .silent: "What answers there takes the connection and says nothing."
        case .closed: "The connection was closed before TLS had begun."
        }
    }

    private static func fix(_ cause: HubRoute.TLS) -> String {
        switch cause {
        case .notTrusted:
            "Check that the address leads to the clinic's Hub, without a proxy that opens TLS, and "
                + "this PC's clock. If the Hub was installed anew, enrol this PC again."
        case .otherName: "Enrol with the name that the Hub's certificate has."
        case .notTLS: "Check the port: agents use 8444, the pages for people are elsewhere."
        case .silent, .closed:
            "Check the Hub's journal, and whether a proxy or firewall stands between."
        }
    }
}

extension DoctorFinding {
    /// Not looked at, for what comes before it is missing.
    static func skipped(_ name: String, _ reason: String) -> DoctorFinding {
        DoctorFinding(name, .skipped, "Not tried: \(reason)")
    }
}
