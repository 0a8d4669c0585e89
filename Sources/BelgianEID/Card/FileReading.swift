import Shared

/// One file of the card, chunk by chunk.
struct FileReading: Sendable {
    /// What has come so far.
    private(set) var bytes = SecretBytes([])
    /// The applet was selected again for this file.
    var hasSelectedAgain = false
    /// What the card has said to the file's whole path, where it has refused it.
    var pathStatus: StatusWord?
    /// The card may still say that the length was wrong; twice would be a circle.
    var maySayLength = true
    /// How long the file is, where it has said so itself.
    private var length: Int?
    /// How much the last command asked for.
    private var asked = chunk
    /// How much has come for the last command.
    private var came = 0
    /// The card has named the length of what is left.
    private var isLast = false

    /// What the largest number of readers can take at once.
    static let chunk = 252
    /// An offset has fifteen bits.
    static let maximumBytes = 0x7FFF

    enum Progress {
        case more
        /// Ask again, for so many bytes.
        case again(Int)
        /// Fetch so many bytes that are ready.
        case fetch(UInt8)
        case whole(SecretBytes)
        case refused(StatusWord)
    }

    /// The next chunk; nil where the file is longer than any may be.
    var command: [UInt8]? {
        guard bytes.count <= Self.maximumBytes else { return nil }
        return CardCommand.read(offset: bytes.count, length: asked)
    }

    /// Takes an answer to `command`, or to what `again` and `fetch` asked for.
    mutating func take(
        _ data: some RandomAccessCollection<UInt8>,
        _ status: StatusWord,
        saysItsLength: Bool
    ) -> Progress {
        switch status {
        case .success, .endReached: break
        // At its very end, or an empty file.
        case .wrongOffset where data.isEmpty && length == nil: return .whole(bytes)
        default:
            if let length = status.waiting {
                bytes = SecretBytes(bytes, data)
                came += data.count
                return .fetch(length)
            }
            guard let right = status.rightLength, maySayLength else { return .refused(status) }
            maySayLength = false
            isLast = true
            asked = right == 0 ? 256 : Int(right)
            return .again(asked)
        }
        bytes = SecretBytes(bytes, data)
        let isShort = came + data.count < asked
        came = 0
        maySayLength = true
        if saysItsLength, length == nil { length = Self.lengthOfDER(bytes) }
        let isEnd = isLast || isShort || status == .endReached
        guard let length else { return isEnd ? .whole(bytes) : .more }
        if bytes.count >= length { return .whole(SecretBytes(bytes.prefix(length))) }
        // A certificate that ends before it should is refused when it is taken apart.
        if isEnd { return .whole(bytes) }
        asked = min(Self.chunk, length - bytes.count)
        return .more
    }

    /// How long a DER sequence is with its head; nil where it is none.
    private static func lengthOfDER(_ bytes: SecretBytes) -> Int? {
        guard bytes.count >= 4, bytes[0] == 0x30 else { return nil }
        switch bytes[1] {
        case ..<0x80: return 2 + Int(bytes[1])
        case 0x81: return 3 + Int(bytes[2])
        case 0x82: return 4 + Int(bytes[2]) << 8 + Int(bytes[3])
        default: return nil
        }
    }
}
