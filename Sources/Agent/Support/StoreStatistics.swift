import Folders
import GRDB
import Shared

/// What a store holds, in numbers: never a name, a text or a value of what it holds.
package struct StoreStatistics: Equatable, Sendable, Codable {
    /// The files of the state folder that are the Agent's own, in bytes; no other name is told.
    package var files: [String: Int64] = [:]
    /// Settings and sizes as SQLite has them.
    package var pragmas: [String: String] = [:]
    /// Rows of each kind, such as `operation reading pending`.
    package var counts: [String: Int64] = [:]
    /// Why there is nothing more to say.
    package var failure: String?

    private static let ownFiles = [
        "agent.db", "agent.db-wal", "agent.db-shm", Ballast.fileName, SealingKey.fileName, "lock",
        "identity", "identity/agent.key", "identity/agent.pem", "identity/authority.pem",
        "identity/identity.json", "control.sock",
    ]

    /// Each counts what its columns tell apart; the columns hold the program's own words.
    private static let queries = [
        ("operation", "SELECT epoch, kind, state, verdict_code FROM operation"),
        ("payload", "SELECT 'rows' FROM payload"),
        ("document", "SELECT source, state, format, failure_code FROM document"),
        ("content", "SELECT 'rows' FROM content"),
        ("sighting", "SELECT 'rows' FROM sighting"),
        ("folder", "SELECT source FROM folder"),
        ("history", "SELECT source FROM history"),
        ("reading", "SELECT iif(sealed_body IS NULL, 'empty', 'whole') FROM reading"),
        ("command", "SELECT kind, state, code FROM command"),
        ("serial_chunk", "SELECT 'rows' FROM serial_chunk"),
        ("serial_session", "SELECT protocol FROM serial_session"),
        ("migration", "SELECT identifier FROM grdb_migrations"),
    ]

    /// Reads the store in `folder` beside a service that may run; a failure is told in it.
    package init(folder: String) {
        for name in Self.ownFiles {
            files[name] = FileStatus(path: "\(folder)/\(name)")?.size
        }
        let path = "\(folder)/\(AgentStore.fileName)"
        guard files[AgentStore.fileName] != nil else {
            failure = "There is no store."
            return
        }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.read { try read($0) }
        } catch {
            failure = "\(StoreError.translate(error))"
        }
    }

    private mutating func read(_ database: Database) throws {
        for name in [
            "page_count", "page_size", "freelist_count", "journal_mode", "user_version",
            "application_id", "quick_check(1)",
        ] {
            let value = try Row.fetchOne(database, sql: "PRAGMA \(name)").map {
                "\($0[0] as DatabaseValue)"
            }
            pragmas[name] = value.map(Self.word)
        }
        for (name, query) in Self.queries {
            // A store of another version lacks some.
            guard let rows = try? Row.fetchCursor(database, sql: query) else { continue }
            while let row = try rows.next() {
                let words = row.databaseValues.map { $0.isNull ? "-" : Self.word("\($0)") }
                counts[([name] + words).joined(separator: " "), default: 0] += 1
            }
        }
    }

    /// A word of the program's own as it is; anything else is not told.
    ///
    /// Codes, states and names of formats begin with a small letter, as no person's name does.
    static func word(_ text: String) -> String {
        let text = text.trimmingPrefix("\"")
        let bare = text.hasSuffix("\"") ? text.dropLast() : text
        let isPlain = bare.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                || [0x2D, 0x2E, 0x5F].contains($0)
        }
        let isOwn = bare.first.map { $0.isLowercase || $0.isNumber } ?? false
        return isPlain && isOwn && (1...40).contains(bare.utf8.count)
            ? String(bare) : Redaction.mark
    }
}
