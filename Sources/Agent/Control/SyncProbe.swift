import Glibc

/// Writes a page to a file of its own and waits until the disk has it, as every commit does.
enum SyncProbe {
    struct Failure: Error, Equatable {
        let errorNumber: Int32
    }

    /// How long the sync took; the file is removed again.
    static func run(_ path: String) -> Result<Duration, Failure> {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return .failure(Failure(errorNumber: errno)) }
        defer {
            close(descriptor)
            unlink(path)
        }
        let page = [UInt8](repeating: 0xA5, count: 4096)
        let start = ContinuousClock.now
        guard write(descriptor, page, page.count) == page.count, fdatasync(descriptor) == 0 else {
            return .failure(Failure(errorNumber: errno))
        }
        return .success(ContinuousClock.now - start)
    }
}
