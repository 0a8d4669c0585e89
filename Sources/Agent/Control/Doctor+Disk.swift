import Glibc
import Shared

extension Doctor {
    var spaceCheck: DoctorCheck {
        let (path, plan) = (stateDirectory, DiskPlan(ballast: configuration.ballast.bytes))
        return DoctorCheck("free space") {
            let name = "free space"
            guard let free = DiskSpace.free(at: path) else {
                return DoctorFinding(
                    name,
                    .problem,
                    "The file system does not say how much is free.",
                    fix: "Check that \(path) exists."
                )
            }
            let detail = "\(free / 1_048_576) MiB are free."
            let fix =
                "Free space on the file system of \(path): du -x finds what fills it, "
                + "journalctl --vacuum-size=200M often helps at once."
            if free < plan.threshold(.short) {
                return DoctorFinding(name, .problem, detail, fix: fix)
            }
            if free < plan.threshold(.scarce) {
                return DoctorFinding(name, .warning, detail, fix: fix)
            }
            return DoctorFinding(name, .ok, detail)
        }
    }

    /// `board` is nil where the Agent does not run: then a missing ballast is no news.
    func ballastCheck(_ board: DiskBoard?) -> DoctorCheck {
        let (name, ballast, folder) = ("ballast", configuration.ballast, stateDirectory)
        return DoctorCheck(name) {
            let megabytes = ballast.bytes / 1_048_576
            if ballast.isPresent {
                return DoctorFinding(name, .ok, "\(megabytes) MiB are kept for a full disk.")
            }
            guard board != nil || AgentStore.exists(in: folder) else {
                return DoctorFinding(name, .ok, "None yet: the first start makes one.")
            }
            return DoctorFinding(
                name,
                .warning,
                "The \(megabytes) MiB that are kept for a full disk are not there.",
                fix: "Free space on the file system of \(folder): the service takes them again by "
                    + "itself, within seconds."
            )
        }
    }

    func refusalCheck(_ store: AgentStore, _ board: DiskBoard?) -> DoctorCheck {
        let (name, folder) = ("capture", stateDirectory)
        return DoctorCheck(name) {
            guard store.isFull || board?.status?.refusingSince != nil else {
                return DoctorFinding(name, .ok, "The store takes what comes.")
            }
            return DoctorFinding(
                name,
                .problem,
                board?.status?.sentence ?? "Nothing can be stored.",
                fix: "Free space on the file system of \(folder), or raise store.quotaMegabytes; "
                    + "capture goes on by itself, within seconds."
            )
        }
    }
}
