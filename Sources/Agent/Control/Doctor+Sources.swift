import Glibc
import Shared

extension Doctor {
    /// `monitor` is nil where the Agent does not run: then the folder itself is asked.
    func sourceCheck(_ source: SourceConfiguration, monitor: SourceMonitor?) -> DoctorCheck {
        let name = "source \(source.name)"
        guard let monitor else { return folderCheck(source, name) }
        return DoctorCheck(name) {
            let status = monitor.status
            switch status.state {
            case .watching:
                let how = status.strategy.map { " by \($0)" } ?? ""
                return DoctorFinding(
                    name,
                    .ok,
                    "Watched\(how); \(status.documents) documents since the start."
                )
            case .starting:
                return DoctorFinding(name, .ok, "The first look is not over.")
            case .unavailable, .hanging:
                return DoctorFinding(
                    name,
                    .problem,
                    status.problem ?? "It cannot be read.",
                    fix: Self.folderFix(source)
                )
            }
        }
    }

    private func folderCheck(_ source: SourceConfiguration, _ name: String) -> DoctorCheck {
        let workbench = workbench
        return DoctorCheck(name) {
            let code = await workbench.run(within: DoctorCheck.maximumTime) { () -> Int32 in
                let folder = open(source.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                guard folder >= 0 else { return errno }
                close(folder)
                return 0
            }
            guard let code else {
                return DoctorFinding(
                    name,
                    .problem,
                    "\(source.path) does not answer.",
                    fix: Self.folderFix(source)
                )
            }
            guard code == 0 else {
                return DoctorFinding(
                    name,
                    .problem,
                    "\(source.path) cannot be opened (errno \(code)).",
                    fix: Self.folderFix(source)
                )
            }
            return DoctorFinding(name, .ok, "\(source.path) can be opened by this user.")
        }
    }

    private static func folderFix(_ source: SourceConfiguration) -> String {
        "Check that the share is mounted at \(source.path) and that the user clinic-agent may read "
            + "it; if its server is away, restore that."
    }
}
