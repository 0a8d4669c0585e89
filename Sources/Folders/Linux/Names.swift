internal import CLinux
internal import Glibc

/// What a folder's names can do beyond what Swift's C library shows.
package enum Names {
    /// Swaps two names of an open folder at once: what one named, the other names afterwards.
    ///
    /// 0, or the error's number: `EINVAL` where the file system cannot, as most shares.
    package static func exchange(_ one: String, _ other: String, in folder: Int32) -> Int32 {
        clinic_exchange(folder, one, other) == 0 ? 0 : errno
    }

    /// True where something is mounted exactly at `path`.
    package static func isMountPoint(_ path: String) -> Bool {
        MountTable.current().hasMount(at: Array(path.utf8))
    }
}
