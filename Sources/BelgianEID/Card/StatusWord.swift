/// The last two bytes of every answer.
package struct StatusWord: Hashable, Sendable {
    package let value: UInt16

    package init(_ value: UInt16) { self.value = value }

    static let success = StatusWord(0x9000)
    /// Fewer bytes than asked for, and they are the last.
    static let endReached = StatusWord(0x6282)
    /// The offset is behind the end.
    static let wrongOffset = StatusWord(0x6B00)
    static let notFound = StatusWord(0x6A82)
    static let noFileSelected = StatusWord(0x6986)
    /// Another applet is selected, none is, or a passing fault that selecting again cures.
    static let unknownInstruction = StatusWord(0x6D00)

    /// The length to ask with again.
    var rightLength: UInt8? { value >> 8 == 0x6C ? low : nil }
    /// How much is ready to be fetched.
    var waiting: UInt8? { value >> 8 == 0x61 ? low : nil }

    /// True where the card does not know this form of SELECT, or not this path.
    var refusesPath: Bool { [0x6A80, 0x6A82, 0x6A86, 0x6A87].contains(value) }
    /// True where the chip itself fails, and a reset may help.
    var isFailing: Bool { [0x6400, 0x6581, 0x6F00].contains(value) }

    private var low: UInt8 { UInt8(truncatingIfNeeded: value) }
}

extension StatusWord: CustomStringConvertible {
    /// `6A82`.
    package var description: String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
