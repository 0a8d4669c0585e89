import Shared

/// Cuts payloads into pieces, and keeps each piece once.
///
/// A payload is JSON: what repeats from one to the next are its keys, codes and paths; what does not
/// are the values of a few keys. Those become holes in the pieces, and go into a column for each.
/// Where the cuts and holes are is this type's choice alone: whoever unfolds puts the values back in
/// their holes and the pieces one behind the other, whatever they hold.
struct PayloadFolder {
    private(set) var sections = FoldedSections()
    /// Every piece, with a line end.
    private var texts: [UInt8] = []
    private var starts: [Int] = []
    private var firstColumns: [Int] = []
    private var columns: [HoleColumn] = []
    /// The newest piece of each hash.
    private var known: [UInt64: Int] = [:]
    /// The piece in hand, and where in the payload its holes are.
    private var piece: [UInt8] = []
    private var holes: [Range<Int>] = []
    private var pieceCount = 0
    /// The payloads that are not folded, each behind its length.
    private var whole = FoldedWriter()

    /// With more pieces or columns than this, payloads go as they are: one more cannot double it.
    private static let enough = FoldedLimits.pieces / 2

    /// Folds a payload, or takes it as it is where it is no compact JSON.
    mutating func fold(_ payload: [UInt8]) {
        pieceCount = 0
        let hasRoom = starts.count < Self.enough && columns.count < Self.enough
        payload.withUnsafeBufferPointer { payload in
            if hasRoom, !payload.isEmpty, !payload.holdsControls {
                cut(payload)
            } else {
                whole.number(payload.count)
                whole.append(payload)
            }
        }
        sections.operations.number(pieceCount)
    }

    /// The sections with every piece and column; `contents` and `bytes` go on behind what they have.
    mutating func finished() -> FoldedSections {
        sections.pieces.number(starts.count)
        sections.pieces.append(texts)
        for column in columns { column.write(to: &sections) }
        sections.contents.append(whole.bytes)
        return sections
    }

    /// Changes the sections that are not of the pieces.
    mutating func update(_ change: (inout FoldedSections) -> Void) { change(&sections) }

    private mutating func cut(_ text: UnsafeBufferPointer<UInt8>) {
        var scanner = PieceScanner(text)
        while let token = scanner.next() {
            switch token {
            case .literal(let range):
                piece.append(contentsOf: UnsafeBufferPointer(rebasing: text[range]))
            case .hole(let range):
                piece.append(holeMark)
                holes.append(range)
            case .cut: close(text)
            }
        }
        close(text)
    }

    /// Ends the piece in hand: one that is known gives its number only.
    private mutating func close(_ text: UnsafeBufferPointer<UInt8>) {
        guard !piece.isEmpty else { return }
        piece.append(newline)
        let number = number()
        sections.sequence.number(number)
        for (index, hole) in holes.enumerated() {
            columns[firstColumns[number] + index]
                .append(UnsafeBufferPointer(rebasing: text[hole]))
        }
        pieceCount += 1
        piece.removeAll(keepingCapacity: true)
        holes.removeAll(keepingCapacity: true)
    }

    private mutating func number() -> Int {
        let hash = Self.hash(piece)
        if let number = known[hash],
            piece.withUnsafeBufferPointer({ texts.holds($0, at: starts[number]) })
        {
            return number
        }
        known[hash] = starts.count
        starts.append(texts.count)
        firstColumns.append(columns.count)
        columns.append(contentsOf: repeatElement(HoleColumn(), count: holes.count))
        texts.append(contentsOf: piece)
        return starts.count - 1
    }

    /// A hash of a piece: FNV-1a by words instead of bytes, its halves mixed after each.
    ///
    /// Whoever finds two pieces of one hash has a push that is a little larger.
    private static func hash(_ piece: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func take(_ word: UInt64) {
            hash = (hash ^ word) &* 0x100_0000_01B3
            hash ^= hash >> 32
        }
        piece.withUnsafeBytes { bytes in
            var position = 0
            while position + 8 <= bytes.count {
                take(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                position += 8
            }
            for byte in bytes[position...] { take(UInt64(byte)) }
        }
        return hash
    }
}

/// The caps of a folded push; those of every push hold too.
enum FoldedLimits {
    /// Different pieces in one push, and their holes together.
    static let pieces = 131_072
    /// Kinds of operation in one push, each with its version.
    static let kinds = 100
    /// The bytes of a kind's name.
    static let kindBytes = 100
}
