import Folders

/// Decides when a folder's record may be kept: a record skips the folder's files at the next start,
/// so every one of them must have been taken or left aside on purpose first.
struct DirectoryLedger {
    private var folders: [PathHash: Folder] = [:]
    private var ready: [DirectoryRecord] = []

    private struct Folder {
        /// Files in hand or waiting.
        var unsettled: Set<RelativePath> = []
        /// The record that came while files were unsettled.
        var record: DirectoryRecord?
        /// True where one of its files could not be taken.
        var isSpoilt = false
    }

    /// Records are written when this many have come together, or after a while.
    static let batch = 256

    /// A file of `folder` is in hand.
    mutating func begin(_ path: RelativePath, in folder: PathHash) {
        folders[folder, default: Folder()].unsettled.insert(path)
    }

    /// The file is settled; `taken` is false where it has to be read again.
    mutating func end(_ path: RelativePath, in folder: PathHash, taken: Bool) {
        guard var entry = folders[folder], entry.unsettled.remove(path) != nil else { return }
        entry.isSpoilt = entry.isSpoilt || !taken
        folders[folder] = entry.unsettled.isEmpty ? nil : entry
        if entry.unsettled.isEmpty, !entry.isSpoilt, let record = entry.record {
            ready.append(record)
        }
    }

    /// The folder was read through; the files that came before this belong to it.
    mutating func directoryRead(_ record: DirectoryRecord) {
        if folders[record.path] == nil {
            ready.append(record)
        } else {
            folders[record.path]?.record = record
        }
    }

    /// How many records may be written.
    var readyCount: Int { ready.count }

    /// The records that may be written; they are not given again.
    mutating func takeReady() -> [DirectoryRecord] {
        defer { ready = [] }
        return ready
    }
}
