import GRDB

/// What goes wrong with the Agent's own database.
package enum StoreError: Error, Equatable, CustomStringConvertible {
    /// The disk or the quota is full; nothing was written and trying again later is right.
    case full
    /// More writes wait than may.
    case overloaded
    /// The disk failed or the file is damaged: the process must end, for what it believes to be
    /// durable may not be.
    case failed(code: Int32)
    /// The file is not this version's: a newer Agent wrote it.
    case newerSchema
    /// The check after an unclean stop found damage.
    case damaged
    /// The file cannot be opened or made.
    case cannotOpen(code: Int32)
    /// A statement failed for a reason that is a defect of the program.
    case statement(code: Int32)

    /// Takes SQLite's code and nothing of the statement or its values.
    init(_ error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_FULL: self = .full
        // The index of the log is made anew at every start: it wants room, and holds nothing.
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE: self = .full
        case .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_READONLY, .SQLITE_PROTOCOL,
            .SQLITE_NOMEM:
            self = .failed(code: error.extendedResultCode.rawValue)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self = .cannotOpen(code: error.extendedResultCode.rawValue)
        default: self = .statement(code: error.extendedResultCode.rawValue)
        }
    }

    /// SQLite's error as one of these; any other error as it is.
    static func translate(_ error: any Error) -> any Error {
        (error as? DatabaseError).map { StoreError($0) } ?? error
    }

    /// True where the process must not go on.
    package var isFatal: Bool {
        switch self {
        case .failed, .damaged, .cannotOpen, .newerSchema: true
        case .full, .overloaded, .statement: false
        }
    }

    /// True where the same write can succeed later.
    package var isPassing: Bool { self == .full || self == .overloaded }

    package var description: String {
        switch self {
        case .full: "The disk, or the quota of the store, is full."
        case .overloaded: "Too many writes wait for the disk."
        case .failed(let code): "The store failed (SQLite \(code)): check the disk."
        case .newerSchema: "The store was written by a newer clinic-agent: install that version."
        case .damaged:
            "The store is damaged: keep agent.db as it is, and restore or salvage it before a start."
        case .cannotOpen(let code): "The store cannot be opened (SQLite \(code))."
        case .statement(let code): "A statement failed (SQLite \(code))."
        }
    }
}
