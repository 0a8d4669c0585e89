#if canImport(Glibc)
import Glibc
#endif

/// Puts files below one folder, making the folders that are missing.
package struct ShareWriter: Sendable {
    private let root: String

    /// Writes below `root`.
    package init(root: String) {
        self.root = root
    }

    /// Writes `file` at once.
    package func write(_ file: SimulatedFile) throws(SimulatorFailure) {
        try perform(.replace(file.bytes), on: file)
    }

    /// Does everything but pauses: those are the caller's.
    func perform(_ step: WritingStep, on file: SimulatedFile) throws(SimulatorFailure) {
        let path = ([root] + file.path).joined(separator: "/")
        switch step {
        case .replace(let bytes): try write(bytes, to: path, O_TRUNC)
        case .append(let bytes): try write(bytes, to: path, O_APPEND)
        case .replaceTemporary(let bytes): try write(bytes, to: path + ".tmp", O_TRUNC)
        case .rename:
            guard rename(path + ".tmp", path) == 0 else { throw SimulatorFailure("rename", path) }
        case .pause: break
        }
    }

    /// Gives a file the time of its visit, in milliseconds since 1970.
    func date(_ file: SimulatedFile, at milliseconds: Int64) throws(SimulatorFailure) {
        let path = ([root] + file.path).joined(separator: "/")
        let time = timeval(tv_sec: Int(milliseconds / 1000), tv_usec: 0)
        guard utimes(path, [time, time]) == 0 else { throw SimulatorFailure("utimes", path) }
    }

    /// The bytes of `name` in the root; empty where there is no such file.
    func read(_ name: String) throws(SimulatorFailure) -> [UInt8] {
        let path = "\(root)/\(name)"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return [] }
        guard descriptor >= 0 else { throw SimulatorFailure("open", path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count < 16 * 1024 * 1024 {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw SimulatorFailure("read", path) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// Makes a folder and those that it lies in, where they are missing.
    func makeFolder(_ path: [String]) throws(SimulatorFailure) {
        try makeFolders(of: ([root] + path + ["a file"]).joined(separator: "/"))
    }

    /// What lies in the root, or in one of its folders, by name; nothing where it is missing.
    func names(in folder: String = ".") throws(SimulatorFailure) -> [String] {
        let path = "\(root)/\(folder)"
        guard let listing = opendir(path) else {
            if errno == ENOENT { return [] }
            throw SimulatorFailure("opendir", path)
        }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256, String.init(cString:))
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file of the root.
    func remove(_ name: String) throws(SimulatorFailure) {
        let path = "\(root)/\(name)"
        guard unlink(path) == 0 else { throw SimulatorFailure("unlink", path) }
    }

    private func write(
        _ bytes: [UInt8],
        to path: String,
        _ flag: Int32
    ) throws(SimulatorFailure) {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | flag
        var descriptor = open(path, flags, 0o644)
        if descriptor < 0, errno == ENOENT {
            try makeFolders(of: path)
            descriptor = open(path, flags, 0o644)
        }
        guard descriptor >= 0 else { throw SimulatorFailure("open", path) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw SimulatorFailure("write", path) }
            written += count
        }
    }

    private func makeFolders(of path: String) throws(SimulatorFailure) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
        var folder = path.hasPrefix("/") ? "" : "."
        for part in parts {
            folder += "/\(part)"
            guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
                throw SimulatorFailure("mkdir", folder)
            }
        }
    }
}
