/// The two bytes behind each block of an L70.
///
/// The maker's rule is not public. The control frames show what it is for them: `05 05 00`,
/// `06 06 00` and `04 04 00` each hold the sum of what stands before, the low byte first. Which of
/// a block's framing bytes count is not known, so that each possibility is tried, and one of them
/// must hold for every block of a transmission.
enum L70Checksum: CaseIterable {
    case everything, withoutFirst, withoutLast, textAlone

    /// A rule that all blocks fulfil; nil where there is none.
    static func rule(for blocks: [L70Framing.Block]) -> L70Checksum? {
        allCases.first { rule in blocks.allSatisfy(rule.holds) }
    }

    /// True where the block's two bytes are the sum under this rule.
    func holds(for block: L70Framing.Block) -> Bool {
        let sum = sum(of: block)
        return block.checksum == [
            UInt8(truncatingIfNeeded: sum), UInt8(truncatingIfNeeded: sum >> 8),
        ]
    }

    /// The sum; at most 66 bytes, so that 16 bits hold it.
    func sum(of block: L70Framing.Block) -> UInt16 {
        let text = block.text.reduce(UInt16(0)) { $0 + UInt16($1) }
        let first = UInt16(block.first), last = UInt16(block.last)
        return switch self {
        case .everything: first + text + last
        case .withoutFirst: text + last
        case .withoutLast: first + text
        case .textAlone: text
        }
    }
}
