import Shared

/// Why something cannot be sealed or opened.
package enum SealingError: Error, Equatable, CustomStringConvertible {
    /// A store exists and the key that it was sealed with does not.
    case keyMissing
    /// The key is not the one that the store was sealed with.
    case keyWrong
    /// The key has another form than 32 bytes or 64 hexadecimal digits.
    case keyMalformed
    /// The key's file can be read by others, or cannot be read or made.
    case keyFile(errorNumber: Int32)
    /// The key has sealed as many messages as one key may.
    case keyExhausted
    /// Sealed bytes that are too short, of an unknown key version, or that were altered.
    case damaged(table: String, column: String)

    package var description: String {
        switch self {
        case .keyMissing:
            "The sealing key is missing, and the store cannot be opened without it: put the "
                + "sealing-key credential or the file sealing.key back."
        case .keyWrong:
            "The sealing key is not the one that this store was sealed with: put the right one back."
        case .keyMalformed:
            "The sealing key must be 32 bytes or 64 hexadecimal digits."
        case .keyFile(let errorNumber):
            "The file sealing.key cannot be used (errno \(errorNumber)): it must be readable by "
                + "the service alone, mode 0600."
        case .keyExhausted:
            "The sealing key has sealed as many messages as one key may: start with a new store."
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
