extension AuditVerifier {
    /// What is wrong, the first thing first.
    package enum Fault: Equatable, Sendable, CustomStringConvertible {
        case headMissing
        case lineUnreadable(line: Int)
        /// Records are missing before this one, or it stands in another's place.
        case outOfOrder(expected: Int64, found: Int64)
        /// The record, or the link behind it, was changed.
        case altered(sequence: Int64)
        /// A checkpoint knows another chain here: the whole of it was computed anew.
        case rewritten(sequence: Int64)
        /// A checkpoint knows records that are not here any more.
        case cutOff(known: Int64, found: Int64)
        /// The checkpoint's signature is not that of its key.
        case checkpointForged(sequence: Int64)
        /// Signed by another key than the one that is trusted.
        case checkpointOfOtherKey(sequence: Int64)

        package var description: String {
            switch self {
            case .headMissing: "This is no export of the audit."
            case .lineUnreadable(let line): "Line \(line) cannot be read."
            case .outOfOrder(let expected, let found):
                "Record \(expected) is expected and \(found) found: records were removed or moved."
            case .altered(let sequence): "Record \(sequence) was altered."
            case .rewritten(let sequence):
                "The checkpoint of record \(sequence) knows another chain: it was computed anew."
            case .cutOff(let known, let found):
                "A checkpoint knows \(known) records and the export ends with \(found): its end "
                    + "was cut off."
            case .checkpointForged(let sequence):
                "The checkpoint of record \(sequence) is not signed by its key."
            case .checkpointOfOtherKey(let sequence):
                "The checkpoint of record \(sequence) is signed by a key that is not trusted."
            }
        }
    }
}
