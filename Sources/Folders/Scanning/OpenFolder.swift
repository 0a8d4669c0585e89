internal import Glibc

/// A folder that is being listed.
final class OpenFolder {
    /// One entry of a folder.
    enum Entry {
        case folder, file, other
    }

    private let stream: OpaquePointer
    /// The descriptor of the folder, for calls relative to it.
    let number: Int32

    init(_ folder: consuming Descriptor) throws(FileFailure) {
        let number = folder.release()
        guard let stream = fdopendir(number) else {
            let failure = FileFailure(errorNumber: errno)
            close(number)
            throw failure
        }
        self.stream = stream
        self.number = number
    }

    deinit { closedir(stream) }

    /// The folder's own status.
    func status() throws(FileFailure) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw FileFailure(errorNumber: errno) }
        return status
    }

    /// Begins the listing anew.
    func rewind() {
        rewinddir(stream)
    }

    /// Hands the next entry but `.` and `..` to `body`; nil at the end.
    ///
    /// The name is only valid in `body`.
    func next<Result>(
        _ body: (UnsafePointer<CChar>, Entry) -> Result
    ) throws(FileFailure) -> Result? {
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FileFailure(errorNumber: errno) }
                return nil
            }
            let kind: Entry =
                switch Int(entry.pointee.d_type) {
                case Int(DT_DIR): .folder
                case Int(DT_REG): .file
                case Int(DT_UNKNOWN): unknownEntry(entry)
                default: .other
                }
            let start = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let name = UnsafeRawPointer(entry).advanced(by: start)
                .assumingMemoryBound(to: CChar.self)
            if name[0] == dot, name[1] == 0 || (name[1] == dot && name[2] == 0) { continue }
            return body(name, kind)
        }
    }

    /// Some file systems leave the type to be asked for.
    private func unknownEntry(_ entry: UnsafeMutablePointer<dirent>) -> Entry {
        var status = stat()
        let start = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        let name = UnsafeRawPointer(entry).advanced(by: start).assumingMemoryBound(to: CChar.self)
        guard fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return .other }
        return status.isDirectory ? .folder : status.isRegular ? .file : .other
    }
}

private let dot = CChar(bitPattern: UInt8(ascii: "."))
