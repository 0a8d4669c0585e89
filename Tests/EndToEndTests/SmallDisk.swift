import ClinicRig
import Foundation
import Glibc

/// A file system of its own beneath an Agent's state folder, small enough to be filled.
final class SmallDisk {
    private let path: String
    private var filler: String { path + "/filler" }

    /// True where file systems may be mounted: as root, and not in every container.
    static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        let folder = NSTemporaryDirectory() + "/small-disk-\(UUID())"
        defer { rmdir(folder) }
        guard mkdir(folder, 0o700) == 0 else { return false }
        guard mount("tmpfs", folder, "tmpfs", 0, "size=1m") == 0 else { return false }
        return umount(folder) == 0
    }()

    /// Puts what is in `path` on a disk of so many MiB, mounted there.
    init(beneath path: String, megabytes: Int) throws {
        self.path = path
        let kept = path + ".kept"
        try FileManager.default.moveItem(atPath: path, toPath: kept)
        guard mkdir(path, 0o700) == 0,
            mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m,mode=0700") == 0
        else { throw RigError("no small disk could be mounted (errno \(errno))") }
        for name in try FileManager.default.contentsOfDirectory(atPath: kept) {
            try FileManager.default.copyItem(atPath: "\(kept)/\(name)", toPath: "\(path)/\(name)")
        }
        try FileManager.default.removeItem(atPath: kept)
    }

    deinit { unmount() }

    func unmount() { _ = umount2(path, Int32(MNT_DETACH)) }

    /// Writes until no more than `leaving` bytes are free.
    func fill(leaving: Int = 0) throws {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        // A full disk has no room for the name either, and is full then.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 1, count: 4096)
        while free() > leaving, write(descriptor, block, block.count) == block.count {}
    }

    /// Gives all that was filled back.
    func empty() { unlink(filler) }

    private func free() -> Int {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
