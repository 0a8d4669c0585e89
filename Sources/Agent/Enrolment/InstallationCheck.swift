import Sync

/// What `doctor` looks at to tell whether this PC is the one that the state folder was made on.
struct InstallationCheck: Sendable {
    let folder: IdentityFolder
    /// The file with this machine's id.
    let machineId: String
    /// What the running Agent doubts of itself; nil where none runs.
    let doubt: Suspicion?

    func finding() -> DoctorFinding {
        let name = "machine"
        guard (try? folder.load()) != nil else {
            return .skipped(name, "this PC is not enrolled.")
        }
        let file = InstallationFile(folder: folder, marks: .read(machineId: machineId))
        guard let doubt = doubt ?? (file.isMoved() ? .machineChanged : nil) else {
            return DoctorFinding(name, .ok, "The state folder belongs to this machine.")
        }
        return DoctorFinding(name, .problem, doubt.sentence, fix: doubt.fix)
    }
}
