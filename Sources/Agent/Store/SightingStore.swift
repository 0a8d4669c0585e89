import Foundation
package import Folders
import GRDB

/// Which files and folders were taken, so that they are not read again while they stay as they were.
package struct SightingStore: Sendable {
    private let store: AgentStore

    package init(_ store: AgentStore) {
        self.store = store
    }

    /// True where the file was taken, or noted as history, and looks as it did then.
    package func isKnown(_ path: PathHash, _ state: FileState) async throws -> Bool {
        try await store.read { try Self.isKnown(path, state, in: $0) }
    }

    /// Those of `files` that were not taken as they look now.
    ///
    /// Blocks: for the watcher's own thread.
    ///
    /// Errors: `StoreError`.
    func unknown(
        among files: [(path: PathHash, sighting: FileSighting)]
    ) throws -> [FileSighting] {
        try store.readNow { database in
            try files.filter { try !Self.isKnown($0.path, $0.sighting.state, in: database) }
                .map(\.sighting)
        }
    }

    /// Every folder of `source` that was taken.
    ///
    /// Blocks: for the watcher's own thread.
    ///
    /// Errors: `StoreError`.
    func directories(of source: String) throws -> [DirectoryRecord] {
        try store.readNow { database in
            var records: [DirectoryRecord] = []
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT path_key, modified_at, newest_at, contents FROM folder
                    WHERE source = ? ORDER BY path_key
                    """,
                arguments: [source]
            )
            while let row = try rows.next() {
                let key: Data = row[0]
                let contents: Int64 = row[3]
                guard let path = PathHash(bytes: Array(key)) else { continue }
                records.append(
                    DirectoryRecord(
                        path: path,
                        modified: row[1],
                        newest: row[2],
                        contents: UInt64(bitPattern: contents)
                    )
                )
            }
            return records
        }
    }

    /// Notes that every file of these folders was taken.
    package func record(_ folders: [DirectoryRecord], source: String) async throws {
        try await store.write { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO folder (path_key, source, modified_at, newest_at, contents)
                    VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (path_key) DO UPDATE SET source = excluded.source,
                        modified_at = excluded.modified_at, newest_at = excluded.newest_at,
                        contents = excluded.contents
                    """
            )
            for folder in folders {
                try statement.execute(arguments: [
                    Data(folder.path.bytes), source, folder.modified, folder.newest,
                    Int64(bitPattern: folder.contents),
                ])
            }
        }
    }

    /// Notes that the file's bytes are those of `document`.
    static func record(_ file: CapturedFile, document: Int64, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO sighting (path_key, size, modified_at, inode, document)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (path_key) DO UPDATE SET size = excluded.size,
                    modified_at = excluded.modified_at, inode = excluded.inode,
                    document = excluded.document
                """
        ).execute(arguments: [
            Data(file.pathKey.bytes), file.state.size, file.state.modified,
            Int64(bitPattern: file.state.inode), document,
        ])
    }

    private static func isKnown(
        _ path: PathHash,
        _ state: FileState,
        in database: Database
    ) throws -> Bool {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT size, modified_at, inode FROM sighting WHERE path_key = ?1
                    UNION ALL
                    SELECT size, modified_at, inode FROM history WHERE path_key = ?1
                    LIMIT 1
                    """
            ),
            arguments: [Data(path.bytes)]
        )
        guard let row else { return false }
        return row["size"] == state.size && row["modified_at"] == state.modified
            && row["inode"] == Int64(bitPattern: state.inode)
    }
}
