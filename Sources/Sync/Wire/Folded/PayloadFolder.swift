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
        if hasRoom, !payload.isEmpty, !payload.contains(where: { $0 < 0x20 }) {
            payload.withUnsafeBufferPointer { cut($0) }
        } else {
            whole.number(payload.count)
            whole.append(payload)
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
        // FNV-1a; whoever finds two pieces of one hash has a push that is a little larger.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in piece { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
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
