package import DeviceFormats
import Glibc
package import Shared

/// A file that was found, read or not.
package struct FoundDocument: Sendable {
    /// The path as a person reads it.
    package let path: String
    /// How many bytes the file has; nil where that could not be asked.
    package let bytes: Int?
    /// The content, or why there is none.
    package let content: Result<DeviceDocument, DocumentFailure>

    /// Takes the parts as they are.
    package init(path: String, bytes: Int?, content: Result<DeviceDocument, DocumentFailure>) {
        self.path = path
        self.bytes = bytes
        self.content = content
    }
}

/// Finds and reads the documents below files and folders, one folder's at a time.
///
/// Folders are walked in the order of their names' bytes. Links inside a folder are not followed;
/// what is no regular file is passed over. Limits: 32 folders deep, files up to
/// `DeviceFormats.maximumBytes`.
package struct DocumentWalk {
    /// Called with each folder's documents; a file that was named is a folder of its own.
    private let visit: ([FoundDocument]) -> Void

    /// Walks when `run` is called.
    package init(visit: @escaping ([FoundDocument]) -> Void) {
        self.visit = visit
    }

    /// Visits every document of `paths`, in their order; files named in one call that share a
    /// folder are visited together.
    package func run(_ paths: [String]) {
        var files: [FoundDocument] = []
        for path in paths {
            // The path was named by a person: a link there is meant.
            guard let entry = FileEntry(path: Array(path.utf8), follow: true) else {
                files.append(unreadable(path))
                continue
            }
            if entry.isFolder {
                walk(path: Array(path.utf8), names: [], depth: 0, follow: true)
            } else {
                let parts = path.split(separator: "/").map(String.init)
                files.append(
                    read(
                        entry,
                        path: Array(path.utf8),
                        name: parts.last ?? path,
                        folders: Array(parts.dropLast())
                    )
                )
            }
        }
        if !files.isEmpty { visit(files) }
    }

    private static let maximumDepth = 32

    private func walk(path: [UInt8], names: [String], depth: Int, follow: Bool) {
        let shown = String(decoding: path, as: UTF8.self)
        guard depth <= Self.maximumDepth, let entries = FolderEntries.read(path, follow: follow)
        else { return visit([unreadable(shown)]) }
        var files: [FoundDocument] = []
        var folders: [(path: [UInt8], name: String)] = []
        for name in entries {
            let text = String(decoding: name, as: UTF8.self)
            let below = path + [UInt8(ascii: "/")] + name
            guard !DeviceFormats.isIgnored(name: text) else { continue }
            guard let entry = FileEntry(path: below, follow: false) else {
                files.append(unreadable(String(decoding: below, as: UTF8.self)))
                continue
            }
            if entry.isFolder {
                folders.append((below, text))
            } else if entry.isFile {
                files.append(read(entry, path: below, name: text, folders: names))
            }
        }
        if !files.isEmpty { visit(files) }
        for folder in folders {
            walk(path: folder.path, names: names + [folder.name], depth: depth + 1, follow: false)
        }
    }

    private func read(
        _ entry: borrowing FileEntry,
        path: [UInt8],
        name: String,
        folders: [String]
    ) -> FoundDocument {
        let shown = String(decoding: path, as: UTF8.self)
        let limit = DeviceFormats.maximumBytes
        guard entry.isFile else { return unreadable(shown) }
        guard entry.bytes <= limit else {
            let failure = DocumentFailure(.tooLarge, "The file is larger than \(limit / 1024) KiB.")
            return FoundDocument(path: shown, bytes: entry.bytes, content: .failure(failure))
        }
        guard let bytes = entry.content(limit: limit) else {
            return unreadable(shown, bytes: entry.bytes)
        }
        let document = DeviceDocument(bytes: bytes, name: name, folders: folders)
        return FoundDocument(path: shown, bytes: bytes.count, content: .success(document))
    }

    private func unreadable(_ path: String, bytes: Int? = nil) -> FoundDocument {
        let failure = DocumentFailure(.unreadable, "The file or folder cannot be read.")
        return FoundDocument(path: path, bytes: bytes, content: .failure(failure))
    }
}
