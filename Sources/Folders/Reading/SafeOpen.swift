internal import CLinux
internal import Glibc

/// Opens what lies below a folder, and never what a link in the path leads to.
enum SafeOpen {
    /// Opens a regular file for reading; a pipe does not block and a terminal does not attach.
    static func file(_ path: [UInt8], below root: Int32) throws(FileFailure) -> Descriptor {
        try open(path, below: root, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }

    /// Opens a folder for listing; the empty path is the root itself.
    static func folder(_ path: [UInt8], below root: Int32) throws(FileFailure) -> Descriptor {
        try open(
            path.isEmpty ? [UInt8(ascii: ".")] : path,
            below: root,
            flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC
        )
    }

    private static func open(
        _ path: [UInt8],
        below root: Int32,
        flags: Int32
    ) throws(FileFailure) -> Descriptor {
        let opened = withName(path[...]) { name in
            retrying { clinic_openat2(root, name, UInt64(flags), clinic_resolve_strictly) }
        }
        if opened >= 0 { return Descriptor(opened) }
        switch errno {
        // An old kernel, a container that forbids it, a race with a rename, a very long path.
        case ENOSYS, EPERM, EAGAIN, ENAMETOOLONG:
            return try openByComponents(path, below: root, flags: flags)
        case let number: throw FileFailure(errorNumber: number)
        }
    }

    /// The same by one component at a time, for systems without openat2.
    static func openByComponents(
        _ path: [UInt8],
        below root: Int32,
        flags: Int32
    ) throws(FileFailure) -> Descriptor {
        let components = path.split(separator: UInt8(ascii: "/"))
        guard let last = components.last else { throw .notFound }
        var folder: Descriptor?
        for component in components.dropLast() {
            folder = try openComponent(
                component,
                in: folder?.number ?? root,
                flags: clinic_open_path | O_DIRECTORY | O_CLOEXEC
            )
        }
        return try openComponent(last, in: folder?.number ?? root, flags: flags)
    }

    private static func openComponent(
        _ component: ArraySlice<UInt8>,
        in folder: Int32,
        flags: Int32
    ) throws(FileFailure) -> Descriptor {
        let opened = withName(component) { name in
            retrying { openat(folder, name, flags | O_NOFOLLOW) }
        }
        guard opened >= 0 else { throw FileFailure(errorNumber: errno) }
        return Descriptor(opened)
    }
}

/// Calls `body` with the bytes as a C string.
func withName<Result>(
    _ bytes: ArraySlice<UInt8>,
    _ body: (UnsafePointer<CChar>) -> Result
) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
        for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
        buffer[bytes.count] = 0
        guard let start = buffer.baseAddress else { preconditionFailure("capacity is at least 1") }
        return body(start)
    }
}

/// Repeats a call that a signal interrupted.
func retrying(_ call: () -> Int32) -> Int32 {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
