import Folders
import Glibc

/// An open file or folder; what it is was asked of the open descriptor, so it cannot be exchanged.
struct FileEntry: ~Copyable {
    private let descriptor: CInt
    /// True for a plain file.
    let isFile: Bool
    let isFolder: Bool
    /// The size in bytes.
    let bytes: Int

    /// Opens for reading; nil where that fails, and for a link unless `follow`.
    ///
    /// A link that is not followed counts as neither file nor folder.
    init?(path: [UInt8], follow: Bool) {
        guard let seen = Self.withPath(path, { FileStatus(bytes: $0, follow: follow) }) else {
            return nil
        }
        guard seen.isFile || seen.isFolder else {
            // Never opened: a pipe would block, a device would act.
            (descriptor, isFile, isFolder, bytes) = (-1, false, false, 0)
            return
        }
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW)
        let opened = Self.withPath(path) { open($0, flags) }
        guard opened >= 0 else { return nil }
        guard let status = FileStatus(descriptor: opened) else {
            close(opened)
            return nil
        }
        (descriptor, bytes) = (opened, Int(status.size))
        (isFile, isFolder) = (status.isFile, status.isFolder)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The whole content; nil where reading fails or there are more than `limit` bytes.
    borrowing func content(limit: Int) -> [UInt8]? {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, content.count + count <= limit else { return nil }
            guard count > 0 else { return content }
            content.append(contentsOf: chunk[..<count])
        }
    }

    static func withPath<Result>(
        _ path: [UInt8],
        _ body: (UnsafePointer<CChar>) -> Result
    ) -> Result {
        (path + [0]).withUnsafeBytes { bytes in
            body(bytes.bindMemory(to: CChar.self).baseAddress.unsafelyUnwrapped)
        }
    }
}

/// The names in a folder.
enum FolderEntries {
    /// More names than a device's folder holds.
    static let maximumNames = 1_000_000

    /// Every name but `.` and `..`, sorted by bytes; nil where the folder cannot be read.
    static func read(_ path: [UInt8], follow: Bool) -> [[UInt8]]? {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW)
        let descriptor = FileEntry.withPath(path) { open($0, flags) }
        guard descriptor >= 0 else { return nil }
        guard let folder = fdopendir(descriptor) else {
            close(descriptor)
            return nil
        }
        defer { closedir(folder) }
        var names: [[UInt8]] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard name != Array(".".utf8), name != Array("..".utf8) else { continue }
            guard names.count < maximumNames else { return nil }
            names.append(name)
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
