import Foundation
import Glibc
package import Shared

/// Opens the store at the start; one that is damaged is set aside, and capture goes on in a new
/// one.
package enum StoreOpening {
    /// A store, and whether it had to be begun because the one before is damaged.
    package struct Result: Sendable {
        package let store: AgentStore
        package let wasLost: Bool
    }

    /// Opens the database in `folder`, or makes it.
    ///
    /// Only damage of the file itself sets it aside: a disk that does not answer, a wrong key and
    /// a newer version's file stay where they are.
    /// Errors: as `AgentStore.open`.
    package static func open(
        folder: String,
        key: SealingKey,
        quotaMegabytes: Int,
        clock: WallClock
    ) throws -> Result {
        func open() throws -> AgentStore {
            try AgentStore.open(
                folder: folder,
                key: key,
                quotaMegabytes: quotaMegabytes,
                clock: clock
            )
        }
        do {
            return Result(store: try open(), wasLost: false)
        } catch let error as StoreError where error.isDamage {
            try setAside(in: folder, at: clock.now())
            return Result(store: try open(), wasLost: true)
        }
    }

    /// The databases in `folder` that were set aside and not read yet.
    static func setAside(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let marked = Set(names.filter { $0.hasSuffix(Salvage.doneSuffix) })
        return names.filter {
            $0.hasPrefix(prefix) && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
                && !$0.hasSuffix(Salvage.doneSuffix)
                && !marked.contains($0 + Salvage.doneSuffix)
        }.sorted().map { "\(folder)/\($0)" }
    }

    private static let prefix = "\(AgentStore.fileName).corrupt-"

    /// Renames the database and its log; the database last, so that a stop in between leaves it to
    /// be set aside again.
    private static func setAside(in folder: String, at now: Instant) throws(StoreError) {
        let time = String(now.description.filter { $0.isNumber || $0 == "T" }.prefix(15))
        let path = "\(folder)/\(AgentStore.fileName)"
        var aside = "\(folder)/\(prefix)\(time)"
        while access(aside, F_OK) == 0 { aside += "x" }
        for suffix in ["-wal", "-shm", ""] {
            guard rename(path + suffix, aside + suffix) == 0 || errno == ENOENT else {
                throw .cannotOpen(code: errno)
            }
        }
        guard StateFolder.synchronize(folder) else { throw .cannotOpen(code: errno) }
    }
}

extension StoreError {
    /// True where the file itself is not what it was, or is no database at all.
    var isDamage: Bool {
        switch self {
        case .damaged: true
        case .failed(let code): [SQLite.corrupt, SQLite.notADatabase].contains(code & 0xFF)
        case .full, .overloaded, .newerSchema, .cannotOpen, .statement: false
        }
    }

    private enum SQLite {
        static let corrupt: Int32 = 11
        static let notADatabase: Int32 = 26
    }
}
