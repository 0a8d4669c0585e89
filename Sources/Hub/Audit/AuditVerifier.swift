import Shared

/// Reads an export line by line and says what was done to it; needs no database.
package struct AuditVerifier: Sendable {
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

    /// The key whose checkpoints count; nil takes any.
    private let trustedKey: String?
    /// Checkpoints that were kept elsewhere, by sequence.
    private var checkpoints: [Int64: [AuditCheckpoint]]
    private var chain = AuditChain.start
    private var line = 0
    private var forged: [Fault] = []
    private var highest: Int64 = 0

    /// Records whose chain holds.
    package private(set) var records: Int64 = 0
    /// Checkpoints that agree.
    package private(set) var agreed = 0

    /// `checkpoints` are those that were kept outside the database.
    package init(checkpoints: [AuditCheckpoint] = [], trustedKey: String? = nil) {
        self.trustedKey = trustedKey?.lowercased()
        self.checkpoints = [:]
        for checkpoint in checkpoints { note(checkpoint) }
    }

    /// Takes the next line, without its end.
    package mutating func take(_ text: Substring.UTF8View) -> Fault? {
        line += 1
        if line == 1 { return text.elementsEqual(AuditExport.head.utf8) ? nil : .headMissing }
        let parts = text.split(separator: 9, maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count == 2, parts[0].elementsEqual("checkpoint".utf8) {
            guard
                let checkpoint = try? JSON.decode(AuditCheckpoint.self, from: Array(parts[1]))
            else { return .lineUnreadable(line: line) }
            guard records == 0 else { return .lineUnreadable(line: line) }
            note(checkpoint)
            return nil
        }
        guard parts.count == 3, let sequence = Int64(Substring(parts[0])),
            let written = Digest256(hexadecimal: Substring(parts[1]))
        else { return .lineUnreadable(line: line) }
        guard sequence == records + 1 else {
            return .outOfOrder(expected: records + 1, found: sequence)
        }
        let link = AuditChain.next(after: chain, sequence: sequence, body: Array(parts[2]))
        guard link == written else { return .altered(sequence: sequence) }
        chain = link
        records = sequence
        for checkpoint in checkpoints[sequence] ?? [] {
            guard checkpoint.chain == link else { return .rewritten(sequence: sequence) }
            agreed += 1
        }
        return nil
    }

    /// What the end shows.
    package func end() -> Fault? {
        if line == 0 { return .headMissing }
        if let first = forged.first { return first }
        return highest > records ? .cutOff(known: highest, found: records) : nil
    }

    /// The highest record that a checkpoint vouches for.
    package var vouched: Int64 { min(highest, records) }

    private mutating func note(_ checkpoint: AuditCheckpoint) {
        guard checkpoint.isSigned else {
            forged.append(.checkpointForged(sequence: checkpoint.sequence))
            return
        }
        guard trustedKey.map({ $0 == checkpoint.key }) ?? true else {
            forged.append(.checkpointOfOtherKey(sequence: checkpoint.sequence))
            return
        }
        checkpoints[checkpoint.sequence, default: []].append(checkpoint)
        highest = max(highest, checkpoint.sequence)
    }
}
