import Glibc
import Shared
import Sync
import Udev

extension Doctor {
    /// The checks of attached devices; `board` is nil where the Agent does not run.
    func deviceChecks(_ board: DeviceBoard?) -> [DoctorCheck] {
        [udevCheck(board), mediaCheck, portsCheck(board)]
    }

    private func udevCheck(_ board: DeviceBoard?) -> DoctorCheck {
        let (name, workbench) = ("udev", workbench)
        return DoctorCheck(name) {
            let fix =
                "Check that systemd-udevd runs, and that the unit's RestrictAddressFamilies has "
                + "AF_NETLINK."
            if let problem = board?.udevProblem {
                return DoctorFinding(name, .problem, problem, fix: fix)
            }
            let failure = await workbench.run { () -> UdevError? in
                do throws(UdevError) {
                    try UdevEvents.probe()
                    return nil
                } catch {
                    return error
                }
            }
            guard let failure else {
                return DoctorFinding(name, .ok, "Devices are noticed as they come and go.")
            }
            return DoctorFinding(name, .problem, "\(failure)", fix: fix)
        }
    }

    /// Without the rule a stick is never mounted, and nobody would know why.
    private var mediaCheck: DoctorCheck {
        let name = "sticks"
        return DoctorCheck(name) {
            let folders = ["/etc", "/run", "/usr/lib", "/lib"]
            let rule = folders.contains {
                access("\($0)/udev/rules.d/70-clinic-agent.rules", F_OK) == 0
            }
            let unit = folders.contains {
                access("\($0)/systemd/system/clinic-media@.service", F_OK) == 0
            }
            guard rule || unit else {
                // A PC may do without; then it does so whole.
                return DoctorFinding(
                    name,
                    .ok,
                    "Sticks are not read: 70-clinic-agent.rules and clinic-media@.service are not "
                        + "installed."
                )
            }
            guard rule, unit else {
                return DoctorFinding(
                    name,
                    .warning,
                    "Of the rule and the unit that mount sticks one is not installed.",
                    fix: "Install 70-clinic-agent.rules and clinic-media@.service, then udevadm "
                        + "control --reload."
                )
            }
            return DoctorFinding(name, .ok, "A stick that is plugged in is mounted for reading.")
        }
    }

    private func portsCheck(_ board: DeviceBoard?) -> DoctorCheck {
        let name = "serial ports"
        guard let board else { return offlinePortsCheck(name) }
        return DoctorCheck(name) {
            let ports = board.devices.filter { $0.attachment == .serial && $0.state != .detached }
            guard let failing = ports.first(where: { $0.state == .failing }) else {
                return DoctorFinding(name, .ok, "\(ports.count) are attached, none fails.")
            }
            return DoctorFinding(
                name,
                .problem,
                "\(failing.key): \(failing.problem?.sentence ?? "it fails.")",
                fix: Self.portFix
            )
        }
    }

    private func offlinePortsCheck(_ name: String) -> DoctorCheck {
        let (workbench, configuration) = (workbench, configuration)
        return DoctorCheck(name) {
            let ports = await workbench.run { () -> [DeviceState] in
                let report = try? DevicesReport(configuration)
                return report?.devices.filter { $0.attachment == .serial } ?? []
            }
            let closed = ports.compactMap(\.node).filter { access($0, R_OK | W_OK) != 0 }
            guard let first = closed.first else {
                return DoctorFinding(
                    name,
                    .ok,
                    "\(ports.count) are attached, and this user may open them."
                )
            }
            return DoctorFinding(
                name,
                .warning,
                "\(first) may not be opened by this user.",
                fix: Self.portFix
            )
        }
    }

    /// The trap: a list of allowed devices is made when the service starts, of the drivers that the
    /// kernel has then.
    static let portFix =
        "Check that 70-clinic-agent.rules gives the port to the group clinic-agent. Where the "
        + "kernel had not loaded usbserial when the service started, systemd forbids every port "
        + "until systemctl restart clinic-agent; modules-load.d/clinic-agent.conf prevents that."
}
