import GRDB
import GRDBSQLite
import Synchronization

/// Moves the log into the database as it grows, and lets no failed sync of that pass unnoticed.
///
/// SQLite's own automatic checkpoint keeps its errors to itself: after a failed sync the kernel
/// counts the pages as written, the next checkpoint succeeds, the log begins anew, and what the
/// pages held is gone at the next power cut.
package final class Checkpoints: Sendable {
    /// The pages in the log from which on they are moved: SQLite's own default.
    package static let standardPages = 1000

    private let pages: Int
    private let code = Atomic<Int32>(SQLITE_OK)

    package init(every pages: Int = standardPages) { self.pages = pages }

    /// Why a checkpoint has failed: the store must then not be used any more, although everything
    /// that was committed is in the log.
    var failure: StoreError? {
        let code = code.load(ordering: .relaxed)
        return code == SQLITE_OK ? nil : .failed(code: code)
    }

    /// Takes the place of the automatic checkpoint on a connection that writes, for as long as the
    /// process runs: SQLite does not say when it lets go of what it was given.
    func install(in database: Database) {
        sqlite3_wal_hook(
            database.sqliteConnection,
            { context, connection, name, frames in
                guard let context else { return SQLITE_OK }
                Unmanaged<Checkpoints>.fromOpaque(context).takeUnretainedValue()
                    .run(connection, name, frames: Int(frames))
                // An error would reach the caller as one of its statement, without its code.
                return SQLITE_OK
            },
            Unmanaged.passRetained(self).toOpaque()
        )
    }

    private func run(_ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?, frames: Int) {
        guard frames >= pages else { return }
        let mode = SQLITE_CHECKPOINT_PASSIVE
        let result = sqlite3_wal_checkpoint_v2(connection, name, mode, nil, nil)
        switch result & 0xFF {
        // Whoever reads, or a full disk, only puts it off: the log has everything.
        case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL: break
        default: code.store(result, ordering: .relaxed)
        }
    }

    /// Writes all of the log into the database and begins the log anew.
    ///
    /// Errors: `DatabaseError`, `SQLITE_FULL` and `SQLITE_BUSY` among them.
    static func emptyLog(_ database: Database) throws {
        try database.checkpoint(.truncate)
    }
}
