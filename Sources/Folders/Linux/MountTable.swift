internal import Glibc

/// What is mounted where, as `/proc/self/mountinfo` tells it (proc(5)).
struct MountTable: Sendable, Equatable {
    struct Mount: Sendable, Equatable {
        let point: [UInt8]
        let fileSystem: String
        /// The number of the device, as `8:1`.
        var device = ""
        /// What was mounted, as `/dev/sda1`.
        var source = ""
    }

    /// More mounts than any clinic PC has; the rest is not looked at.
    static let maximumMounts = 10_000

    let mounts: [Mount]

    /// Parses the kernel's table; a line that does not look like one is passed over.
    init(parsing table: [UInt8]) {
        mounts = table.split(separator: UInt8(ascii: "\n")).prefix(Self.maximumMounts).compactMap {
            let fields = $0.split(separator: UInt8(ascii: " "))
            // Optional fields follow the sixth; a lone hyphen ends them.
            guard
                let hyphen = fields.dropFirst(6).firstIndex(where: { $0.elementsEqual("-".utf8) }),
                fields.count > hyphen + 1
            else { return nil }
            return Mount(
                point: Self.unescaped(fields[4]),
                fileSystem: PathText.text(fields[hyphen + 1]),
                device: PathText.text(fields[2]),
                source: fields.count > hyphen + 2 ? PathText.text(fields[hyphen + 2]) : ""
            )
        }
    }

    /// Reads the present table; empty where `/proc` is not mounted.
    static func current() -> MountTable {
        let opened = retrying { open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC) }
        guard opened >= 0 else { return MountTable(parsing: []) }
        let file = Descriptor(opened)
        var table: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while table.count < 8 * 1024 * 1024 {
            let length = read(file.number, &chunk, chunk.count)
            guard length > 0 else { break }
            table += chunk[..<length]
        }
        return MountTable(parsing: table)
    }

    /// The mount that `path` lies in: of those at the deepest point the last, which covers others.
    func mount(containing path: [UInt8]) -> Mount? {
        mounts.reduce(nil) { found, mount in
            guard Self.isPath(path, atOrBelow: mount.point) else { return found }
            return mount.point.count >= found?.point.count ?? 0 ? mount : found
        }
    }

    /// True where something is mounted exactly at `path`.
    func hasMount(at path: [UInt8]) -> Bool {
        mounts.contains { $0.point == path }
    }

    /// True where changes below `path` may be made by others than this kernel.
    func needsPolling(_ path: [UInt8]) -> Bool {
        let below = mounts.filter { Self.isPath($0.point, atOrBelow: path) && $0.point != path }
        return ([mount(containing: path)].compactMap(\.self) + below).contains {
            Self.isRemote($0.fileSystem)
        }
    }

    /// File systems whose other users cause no inotify events here.
    static func isRemote(_ fileSystem: String) -> Bool {
        remoteTypes.contains(fileSystem) || fileSystem.hasPrefix("fuse.")
            || fileSystem.hasPrefix("fuseblk.")
    }

    /// File systems that do not keep the times of their folders (FAT knows none for its root).
    static func keepsFolderTimes(_ fileSystem: String) -> Bool {
        !["vfat", "msdos", "exfat", "fuseblk", "autofs", "fuse.exfat"].contains(fileSystem)
    }

    private static let remoteTypes: Set<String> = [
        "cifs", "smb2", "smb3", "smbfs", "nfs", "nfs4", "fuse", "fuseblk", "9p", "virtiofs", "afs",
        "autofs", "ceph", "coda", "davfs", "gfs2", "glusterfs", "lustre", "ncpfs", "ocfs2",
        "orangefs", "prl_fs", "vboxsf", "vmhgfs",
    ]

    private static func isPath(_ path: [UInt8], atOrBelow point: [UInt8]) -> Bool {
        guard point != [UInt8(ascii: "/")] else { return true }
        return path.starts(with: point)
            && (path.count == point.count || path[point.count] == UInt8(ascii: "/"))
    }

    /// The kernel writes space, tab, newline and backslash as three octal digits.
    private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(PathText.text(digits), radix: 8)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(3)
        }
        return bytes
    }
}
