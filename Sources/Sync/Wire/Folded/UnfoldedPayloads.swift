import Foundation
import Shared

/// The sections of a folded push that was received.
struct FoldedParts {
    let text: [UInt8]
    /// What is not of the payloads; see `FoldedSections` for the others.
    var heads: FoldedReader
    let pieces: FoldedReader
    let sequence: FoldedReader
    let forms: FoldedReader
    let texts: FoldedReader
    let numbers: FoldedReader
    let contents: FoldedReader
    var bytes: FoldedReader

    /// Finds the sections of `text` behind `start`; together they are all of it.
    init(_ text: [UInt8], from start: Int) throws(SyncError) {
        var lengths = FoldedReader(text, start..<text.count)
        var ends: [Int] = []
        for _ in 0..<8 { ends.append(try lengths.count(upTo: text.count)) }
        var position = lengths.position
        var readers: [FoldedReader] = []
        for length in ends {
            guard length <= text.count - position else {
                throw .malformed("a section of a folded push ends behind it")
            }
            readers.append(FoldedReader(text, position..<position + length))
            position += length
        }
        guard position == text.count else { throw .malformed("bytes follow the last operation") }
        self.text = text
        heads = readers[0]
        pieces = readers[1]
        sequence = readers[2]
        forms = readers[3]
        texts = readers[4]
        numbers = readers[5]
        contents = readers[6]
        bytes = readers[7]
    }
}

/// Puts payloads together again, one after the other.
struct UnfoldedPayloads {
    private let text: [UInt8]
    /// The runs of the pieces between their holes; one more for each piece than it has holes.
    private var literals: [Range<Int>] = []
    private var firstLiterals: [Int] = []
    private var columns: [UnfoldedColumn] = []
    private var sequence: FoldedReader
    private var contents: FoldedReader
    private var room = SyncLimits.inflatedBytes
    private var lastCount = 0

    /// Reads the pieces and finds the columns; `parts.bytes` stands behind the operations' own.
    init(_ parts: FoldedParts) throws(SyncError) {
        text = parts.text
        sequence = parts.sequence
        contents = parts.contents
        try read(parts.pieces)
        try find(parts)
    }

    /// True when everything was used.
    var isAtEnd: Bool { sequence.isAtEnd && contents.isAtEnd }

    /// The next payload: of so many pieces, or as it is where it has none.
    mutating func next(of pieces: Int) throws(SyncError) -> [UInt8] {
        var payload: [UInt8] = []
        if pieces == 0 {
            let range = try contents.run(of: try contents.count(upTo: SyncLimits.payloadBytes))
            payload = Array(text[range])
        } else {
            payload.reserveCapacity(lastCount)
            for _ in 0..<pieces { try appendPiece(to: &payload) }
            lastCount = payload.count
        }
        room -= payload.count
        guard room >= 0 else { throw .tooLarge }
        return payload
    }

    private mutating func appendPiece(to payload: inout [UInt8]) throws(SyncError) {
        let number = try sequence.count(upTo: firstLiterals.count - 2)
        let (first, last) = (firstLiterals[number], firstLiterals[number + 1] - 1)
        for literal in first..<last {
            try payload.append(text[literals[literal]])
            try columns[literal - number].append(to: &payload, from: text)
            guard payload.count <= SyncLimits.payloadBytes else { throw .payloadTooLong }
        }
        try payload.append(text[literals[last]])
    }

    private mutating func read(_ section: FoldedReader) throws(SyncError) {
        var section = section
        let count = try section.count(upTo: FoldedLimits.pieces)
        firstLiterals.reserveCapacity(count + 1)
        for _ in 0..<count {
            firstLiterals.append(literals.count)
            let line = try section.line()
            var start = line.lowerBound
            for index in line where text[index] == holeMark {
                literals.append(start..<index)
                start = index + 1
            }
            literals.append(start..<line.upperBound)
            guard literals.count <= 2 * FoldedLimits.pieces else {
                throw .malformed("a folded push has too many holes")
            }
        }
        firstLiterals.append(literals.count)
        guard section.isAtEnd else { throw .malformed("more pieces than were counted") }
    }

    /// Finds where each column begins, by passing over the ones before it.
    private mutating func find(_ parts: FoldedParts) throws(SyncError) {
        var uses = [Int](repeating: 0, count: firstLiterals.count - 1)
        var order = parts.sequence
        while !order.isAtEnd { uses[try order.count(upTo: uses.count - 1)] += 1 }
        var walk = ColumnWalk(parts)
        columns.reserveCapacity(literals.count - uses.count)
        for (piece, count) in uses.enumerated() {
            for _ in firstLiterals[piece]..<firstLiterals[piece + 1] - 1 {
                columns.append(try walk.column(of: count))
            }
        }
        try walk.end()
        contents = walk.contents
    }
}

/// Goes over the sections of the columns, one column after the other.
private struct ColumnWalk {
    private var forms: FoldedReader
    private var texts: FoldedReader
    private var numbers: FoldedReader
    private(set) var contents: FoldedReader
    private var bytes: FoldedReader

    init(_ parts: FoldedParts) {
        forms = parts.forms
        texts = parts.texts
        numbers = parts.numbers
        contents = parts.contents
        bytes = parts.bytes
    }

    mutating func column(of count: Int) throws(SyncError) -> UnfoldedColumn {
        guard let form = HoleForm(rawValue: UInt8(try forms.count(upTo: 0x7F))) else {
            throw .malformed("a column of no form that there is")
        }
        switch form {
        case .text, .same:
            let column = UnfoldedColumn(form, texts)
            for _ in 0..<(form == .same ? 1 : count) { _ = try texts.line() }
            return column
        case .digest, .identifier:
            let column = UnfoldedColumn(form, bytes)
            _ = try bytes.run(of: count * (form == .digest ? 32 : 16))
            return column
        case .instant:
            let column = UnfoldedColumn(form, numbers)
            for _ in 0..<count { _ = try numbers.signed() }
            return column
        case .base64:
            let column = UnfoldedColumn(form, contents)
            for _ in 0..<count {
                _ = try contents.run(of: try contents.count(upTo: SyncLimits.payloadBytes))
            }
            return column
        }
    }

    /// Every section of columns ends here; payloads that are not folded stand behind them.
    func end() throws(SyncError) {
        guard forms.isAtEnd, texts.isAtEnd, numbers.isAtEnd, bytes.isAtEnd else {
            throw .malformed("bytes follow the last column")
        }
    }
}

/// One column, read value by value.
private struct UnfoldedColumn {
    private let form: HoleForm
    private var reader: FoldedReader
    private let start: FoldedReader
    private var last: Int64 = 0

    init(_ form: HoleForm, _ reader: FoldedReader) {
        self.form = form
        self.reader = reader
        start = reader
    }

    /// Appends the next value; it is bounded by the section that it stands in.
    mutating func append(to payload: inout [UInt8], from text: [UInt8]) throws(SyncError) {
        switch form {
        case .text: payload.append(contentsOf: text[try reader.line()])
        case .same:
            var reader = start
            payload.append(contentsOf: text[try reader.line()])
        case .digest:
            let bytes = text[try reader.run(of: 32)]
            payload.append(contentsOf: Hexadecimal.encode(bytes).utf8)
        case .identifier:
            guard let identifier = Identifier(slice: text[try reader.run(of: 16)]) else {
                throw .malformed("no identifier")
            }
            payload.append(contentsOf: identifier.description.utf8)
        case .instant:
            last &+= try reader.signed()
            payload.append(contentsOf: try FoldedParts.instant(last).description.utf8)
        case .base64:
            let range = try reader.run(of: try reader.count(upTo: SyncLimits.payloadBytes))
            payload.append(contentsOf: [UInt8](Data(text[range]).base64EncodedData()))
        }
    }
}

extension [UInt8] {
    /// Appends a part of a payload, as far as a payload may go.
    fileprivate mutating func append(_ part: ArraySlice<UInt8>) throws(SyncError) {
        guard count + part.count <= SyncLimits.payloadBytes else { throw .payloadTooLong }
        append(contentsOf: part)
    }
}

extension SyncError {
    fileprivate static let payloadTooLong = SyncError.malformed(
        "a payload has at most \(SyncLimits.payloadBytes) bytes"
    )
}
