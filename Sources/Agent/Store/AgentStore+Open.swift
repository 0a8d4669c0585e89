import Folders
import Foundation
import GRDB
import Glibc
package import Shared

extension AgentStore {
    package static let fileName = "agent.db"
    private static let keyCheck = Array("clinic-agent".utf8)

    /// True where a database exists, and a new sealing key must not be made.
    package static func exists(in folder: String) -> Bool {
        (FileStatus(path: "\(folder)/\(fileName)")?.size ?? 0) > 0
    }

    /// Opens the database in `folder`, or makes it.
    ///
    /// After an unclean stop the whole file is checked first, and the log is emptied: what it holds
    /// may never have reached the disk, and nothing may be written behind that.
    /// Errors: `StoreError`; `SealingError.keyWrong`, `.keyExhausted`.
    package static func open(
        folder: String,
        key: SealingKey,
        quotaMegabytes: Int,
        clock: WallClock,
        checkpoints: Checkpoints = Checkpoints()
    ) throws -> AgentStore {
        let path = "\(folder)/\(fileName)"
        let wasUnclean = hasLog(path)
        try prepareFile(path, folder: folder)
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { database in
                // The pool has set NORMAL, which loses commits at a power cut.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
                precondition(level == 2, "the writer must be synchronous=FULL")
                let pages = quotaMegabytes * 1024 * 1024 / 4096
                try database.execute(sql: "PRAGMA max_page_count = \(pages)")
                checkpoints.install(in: database)
            }
            if wasUnclean, try pool.read({ try !$0.isSound() }) { throw StoreError.damaged }
            let isLogEmpty = try !wasUnclean || emptyLog(pool)
            let migrator = StoreSchema.migrator
            if try pool.read(migrator.hasBeenSuperseded) { throw StoreError.newerSchema }
            try migrator.migrate(pool)
            let sealer = Sealer(key)
            let id = try pool.write { try checkKey($0, sealer, clock) }
            return AgentStore(
                opened: pool,
                sealer: sealer,
                clock: clock,
                id: id,
                checkpoints: checkpoints,
                isLogEmpty: isLogEmpty
            )
        } catch {
            throw StoreError.translate(error)
        }
    }

    /// Whether `key` opens the database in `folder`, which is only read; nil where there is none.
    ///
    /// Errors: `DatabaseError`.
    static func opens(in folder: String, with key: SealingKey) throws -> Bool? {
        guard exists(in: folder) else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: "\(folder)/\(fileName)", configuration: configuration)
        let row = try queue.read {
            try Row.fetchOne($0, sql: "SELECT id, sealed_key_check FROM store")
        }
        return row.map { opens($0, Sealer(key)) }
    }

    private static func opens(_ row: Row, _ sealer: Sealer) -> Bool {
        let id: Identifier = row["id"]
        let check: Data = row["sealed_key_check"]
        return (try? sealer.open(check, at: .keyCheck(id))) == keyCheck
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.maximumReaderCount = 2
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA cache_size = -1024;
                    PRAGMA cell_size_check = ON;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA journal_size_limit = 16777216;
                    PRAGMA temp_store = MEMORY;
                    """
            )
        }
        return configuration
    }

    /// SQLite gives its log the mode of the database, so the file is made before SQLite can.
    private static func prepareFile(_ path: String, folder: String) throws(StoreError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .cannotOpen(code: errno) }
        defer { Glibc.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0, StateFolder.synchronize(folder) else {
            throw .cannotOpen(code: errno)
        }
    }

    /// False where the disk is too full for it: then the first write does it, or is refused.
    private static func emptyLog(_ pool: DatabasePool) throws -> Bool {
        do {
            try pool.writeWithoutTransaction(Checkpoints.emptyLog)
            return true
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            return false
        }
    }

    /// A process that ends as it should leaves no log behind.
    private static func hasLog(_ path: String) -> Bool {
        (FileStatus(path: "\(path)-wal")?.size ?? 0) > 0
    }

    /// Writes the check into a new database; in one that exists, opens it.
    private static func checkKey(
        _ database: Database,
        _ sealer: Sealer,
        _ clock: WallClock
    ) throws -> Identifier {
        let row = try Row.fetchOne(database, sql: "SELECT id, sealed_key_check FROM store")
        guard let row else {
            let id = clock.identifier()
            let check = try sealer.seal(keyCheck, at: .keyCheck(id))
            try database.execute(
                sql: "INSERT INTO store VALUES (1, ?, ?, ?)",
                arguments: [id, Data(check), clock.now()]
            )
            return id
        }
        guard opens(row, sealer) else { throw SealingError.keyWrong }
        guard try database.sealedMessages() < Sealer.maximumMessages else {
            throw SealingError.keyExhausted
        }
        return row["id"]
    }
}

extension Sealer.Place {
    fileprivate static func keyCheck(_ id: Identifier) -> Self {
        Self("store", "sealed_key_check", row: id.bytes)
    }
}

extension Database {
    /// What `quick_check` says.
    func isSound() throws -> Bool {
        try String.fetchOne(self, sql: "PRAGMA quick_check(1)") == "ok"
    }

    /// An upper estimate of how many messages were sealed: every document has two, every
    /// operation at most two, and each is counted twice for those that were tried again.
    func sealedMessages() throws -> Int64 {
        let documents = try Int64.fetchOne(
            self,
            sql: "SELECT seq FROM sqlite_sequence WHERE name = 'document'"
        )
        let operations = try Int64.fetchOne(
            self,
            sql: "SELECT seq FROM sqlite_sequence WHERE name = 'operation'"
        )
        return 4 * (documents ?? 0) + 4 * (operations ?? 0)
    }
}
