import Folders

/// Decides when a folder's record may be kept.
///
/// A record lets the watcher pass over the folder and everything below it at the next start, so
/// every file that came before it, there and below, must have been taken or left aside on purpose.
struct DirectoryLedger {
    /// The files in hand or waiting, by each folder that encloses them.
    private var unsettled: [PathHash: Set<RelativePath>] = [:]
    /// Records that came while files below were unsettled.
    private var held: [PathHash: DirectoryRecord] = [:]
    /// Folders with a file that could not be taken: their next record is dropped.
    private var spoilt: Set<PathHash> = []
    private var ready: [DirectoryRecord] = []

    /// Records are written when this many have come together, or after a while.
    static let batch = 256

    /// How many records may be written.
    var readyCount: Int { ready.count }

    /// A file is in hand; `folders` are all that enclose it, with the root.
    mutating func begin(_ path: RelativePath, in folders: [PathHash]) {
        for folder in folders { unsettled[folder, default: []].insert(path) }
    }

    /// The file is settled; `taken` is false where it has to be reported again.
    mutating func end(_ path: RelativePath, in folders: [PathHash], taken: Bool) {
        for folder in folders where unsettled[folder]?.remove(path) != nil {
            if !taken { spoilt.insert(folder) }
            guard unsettled[folder]?.isEmpty == true else { continue }
            unsettled[folder] = nil
            if let record = held.removeValue(forKey: folder) { release(record) }
        }
    }

    /// The folder was read through; the files that came before this belong to it.
    mutating func directoryRead(_ record: DirectoryRecord) {
        if unsettled[record.path] == nil {
            release(record)
        } else {
            held[record.path] = record
        }
    }

    /// The records that may be written; they are not given again.
    mutating func takeReady() -> [DirectoryRecord] {
        defer { ready = [] }
        return ready
    }

    private mutating func release(_ record: DirectoryRecord) {
        if spoilt.remove(record.path) == nil { ready.append(record) }
    }
}
