import Shared

/// Why something cannot be sealed or opened.
package enum SealingError: Error, Equatable, CustomStringConvertible {
    /// The database holds sealed data and the installation's key is not there.
    case keyMissing
    /// The key is not the one that the database's keys are wrapped with.
    case keyWrong
    /// The key has another form than 32 bytes or 64 hexadecimal digits.
    case keyMalformed
    /// The key's file can be read by others, or cannot be read or made.
    case keyFile(errorNumber: Int32)
    /// The key has sealed as many messages as one start of the Hub may.
    case keyExhausted
    /// Sealed bytes that are too short, of an unknown key version, moved, or altered.
    case damaged(table: String, column: String)

    package var description: String {
        switch self {
        case .keyMissing:
            "The installation's key is missing, and sealed data cannot be opened without it: put "
                + "the credential installation-key or the file keys/installation.key back."
        case .keyWrong:
            "The installation's key is not the one of this database: put the right one back."
        case .keyMalformed:
            "The installation's key must be 32 bytes or 64 hexadecimal digits."
        case .keyFile(let errorNumber):
            "The file keys/installation.key cannot be used (errno \(errorNumber)): it must be "
                + "readable by the Hub alone, mode 0600."
        case .keyExhausted:
            "Too much was sealed since the Hub started: start it again, and it goes on with the "
                + "next key."
        case .damaged(let table, let column):
            "Sealed data in \(table).\(column) is damaged."
        }
    }
}

extension SealingError {
    /// The same of a key or its file.
    init(_ failure: SealingKeyFile.Failure) {
        self =
            switch failure {
            case .missing: .keyMissing
            case .malformed: .keyMalformed
            case .file(let errorNumber): .keyFile(errorNumber: errorNumber)
            }
    }
}
