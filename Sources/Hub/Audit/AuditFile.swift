import Glibc

/// An export of the audit as it lies on a disk.
package enum AuditFile {
    /// What is read at a time; no record is as long.
    private static let window = 1 << 20

    /// Why a file cannot be read at all.
    package struct Unreadable: Error {
        package let errorNumber: Int32
    }

    /// Reads the file at `path` once, into `verifier`; answers the first fault.
    ///
    /// Throws `Unreadable`.
    package static func verify(
        _ path: String,
        _ verifier: inout AuditVerifier
    ) throws(Unreadable) -> AuditVerifier.Fault? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable(errorNumber: errno) }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: window)
        var filled = 0
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in
                read(descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled)
            }
            guard count >= 0 else { throw Unreadable(errorNumber: errno) }
            if count == 0 { break }
            filled += count
            let (used, fault) = buffer.withUnsafeBytes { bytes in
                lines(UnsafeRawBufferPointer(rebasing: bytes[..<filled]), &verifier)
            }
            if let fault { return fault }
            // A line that is longer than the window ends as one that cannot be read.
            let isStuck = used == 0 && filled == window
            let kept = isStuck ? filled : used
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + kept, filled - kept)
            }
            filled -= kept
            if isStuck, let fault = verifier.take(""[...].utf8) { return fault }
        }
        let rest = buffer.withUnsafeBytes { bytes in
            filled == 0 ? nil : verifier.take(UnsafeRawBufferPointer(rebasing: bytes[..<filled]))
        }
        return rest ?? verifier.end()
    }

    /// Takes every whole line; answers how many bytes they had, and the first fault.
    private static func lines(
        _ bytes: UnsafeRawBufferPointer,
        _ verifier: inout AuditVerifier
    ) -> (used: Int, fault: AuditVerifier.Fault?) {
        var start = 0
        while let end = AuditVerifier.place(of: 10, in: bytes, from: start) {
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if let fault = verifier.take(line) { return (end, fault) }
            start = end + 1
        }
        return (start, nil)
    }
}
