import Crypto
import Glibc
package import Shared

/// Reads an export line by line and says what was done to it; needs no database.
///
/// A million records take seconds: a line is read where it lies, and nothing is made of it but its
/// hash.
package struct AuditVerifier: Sendable {
    /// The key whose checkpoints count; nil takes any.
    private let trustedKey: String?
    /// Checkpoints that were kept elsewhere, by sequence.
    private var checkpoints: [Int64: [AuditCheckpoint]]
    /// The link behind the last record.
    private var chain = [UInt8](repeating: 0, count: Self.linkBytes)
    private var line = 0
    private var forged: [Fault] = []
    private var highest: Int64 = 0

    /// Records whose chain holds.
    package private(set) var records: Int64 = 0
    /// Checkpoints that agree.
    package private(set) var agreed = 0

    private static let linkBytes = 32
    private static let tab = UInt8(ascii: "\t")

    /// `checkpoints` are those that were kept outside the database.
    package init(checkpoints: [AuditCheckpoint] = [], trustedKey: String? = nil) {
        self.trustedKey = trustedKey?.lowercased()
        self.checkpoints = [:]
        for checkpoint in checkpoints { note(checkpoint) }
    }

    /// Takes the next line, without its end.
    package mutating func take(_ text: Substring.UTF8View) -> Fault? {
        Array(text).withUnsafeBytes { take($0) }
    }

    /// Takes the next line where it lies, without its end.
    package mutating func take(_ text: UnsafeRawBufferPointer) -> Fault? {
        line += 1
        if line == 1 { return text.elementsEqual(AuditExport.head.utf8) ? nil : .headMissing }
        guard let first = Self.place(of: Self.tab, in: text, from: 0) else {
            return .lineUnreadable(line: line)
        }
        if text[..<first].elementsEqual("checkpoint".utf8) {
            guard records == 0,
                let checkpoint = try? JSON.decode(
                    AuditCheckpoint.self,
                    from: Array(text[(first + 1)...])
                )
            else { return .lineUnreadable(line: line) }
            note(checkpoint)
            return nil
        }
        let second = first + 1 + 2 * Self.linkBytes
        guard second < text.count, text[second] == Self.tab,
            let sequence = Self.number(text[..<first])
        else { return .lineUnreadable(line: line) }
        return take(
            sequence,
            body: UnsafeRawBufferPointer(rebasing: text[(second + 1)...])
        ) { link in Self.matches(text[(first + 1)..<second], link) }
    }

    /// Takes the next record as the database has it.
    package mutating func take(
        _ sequence: Int64,
        chain written: Digest256,
        body: String
    ) -> Fault? {
        var body = body
        return body.withUTF8 { bytes in
            take(sequence, body: UnsafeRawBufferPointer(bytes)) { link in
                link.elementsEqual(written.bytes)
            }
        }
    }

    private mutating func take(
        _ sequence: Int64,
        body: UnsafeRawBufferPointer,
        _ isWritten: (UnsafeRawBufferPointer) -> Bool
    ) -> Fault? {
        guard sequence == records + 1 else {
            return .outOfOrder(expected: records + 1, found: sequence)
        }
        var hasher = SHA256()
        chain.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        withUnsafeBytes(of: sequence.bigEndian) { hasher.update(bufferPointer: $0) }
        hasher.update(bufferPointer: body)
        let holds = hasher.finalize().withUnsafeBytes { link in
            chain.withUnsafeMutableBytes { $0.copyMemory(from: link) }
            return isWritten(link)
        }
        guard holds else { return .altered(sequence: sequence) }
        records = sequence
        guard let known = checkpoints[sequence] else { return nil }
        for checkpoint in known {
            guard checkpoint.chain.bytes == chain else { return .rewritten(sequence: sequence) }
            agreed += 1
        }
        return nil
    }

    /// What the end shows, where the records came from the database and without a head.
    package func endOfRecords() -> Fault? {
        if let first = forged.first { return first }
        return highest > records ? .cutOff(known: highest, found: records) : nil
    }

    /// What the end shows.
    package func end() -> Fault? { line == 0 ? .headMissing : endOfRecords() }

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

extension AuditVerifier {
    /// Where a byte next stands; nil where it does not.
    static func place(
        of byte: UInt8,
        in text: UnsafeRawBufferPointer,
        from start: Int
    ) -> Int? {
        guard start < text.count, let base = text.baseAddress,
            let found = memchr(base + start, Int32(byte), text.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// A number in decimal digits, from 0 up; nil for anything else.
    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int64? {
        guard (1...19).contains(digits.count) else { return nil }
        var number: Int64 = 0
        for digit in digits {
            guard (48...57).contains(digit) else { return nil }
            let (tenfold, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeToo) = tenfold.addingReportingOverflow(Int64(digit - 48))
            guard !isTooLarge, !isTooLargeToo else { return nil }
            number = sum
        }
        return number
    }

    /// Whether hexadecimal digits, of either case, say `link`.
    private static func matches(
        _ digits: Slice<UnsafeRawBufferPointer>,
        _ link: UnsafeRawBufferPointer
    ) -> Bool {
        var place = digits.startIndex
        for byte in link {
            guard value(digits[place]) == byte >> 4, value(digits[place + 1]) == byte & 15 else {
                return false
            }
            place += 2
        }
        return true
    }

    private static func value(_ digit: UInt8) -> UInt8 {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: 255
        }
    }
}
