/// How a device brings a file onto its share.
package enum WritingManner: Hashable, Sendable {
    /// In one write.
    case whole
    /// As `….tmp`, then renamed.
    case renamed
    /// In pieces with a pause between them.
    case pieces(Int, pause: Duration)
    /// First a part under the final name; after a pause all of it, from the start.
    case cutThenWhole(pause: Duration)
    /// In one write, and after a pause the same once more.
    case again(pause: Duration)

    /// The single acts, in order.
    func steps(for bytes: [UInt8]) -> [WritingStep] {
        switch self {
        case .whole: return [.replace(bytes)]
        case .renamed: return [.replaceTemporary(bytes), .rename]
        case .cutThenWhole(let pause):
            let cut = Array(bytes.prefix(bytes.count * 2 / 3))
            return [.replace(cut), .pause(pause), .replace(bytes)]
        case .again(let pause): return [.replace(bytes), .pause(pause), .replace(bytes)]
        case .pieces(let count, let pause):
            let size = max(1, (bytes.count + count - 1) / count)
            var steps: [WritingStep] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = Array(bytes[start..<min(start + size, bytes.count)])
                steps += start == 0 ? [.replace(piece)] : [.pause(pause), .append(piece)]
            }
            return steps
        }
    }

    /// A manner that tests whoever watches the share.
    static func troublesome(speed: Double, _ random: inout SeededGenerator) -> WritingManner {
        let pause = Duration.milliseconds(Int.random(in: 500...2000, using: &random)) / speed
        return switch Int.random(in: 0..<4, using: &random) {
        case 0: .renamed
        case 1: .again(pause: pause)
        case 2: .pieces(Int.random(in: 2...6, using: &random), pause: pause)
        default: .cutThenWhole(pause: pause)
        }
    }
}

/// One act of bringing a file onto a share.
enum WritingStep: Hashable, Sendable {
    case replace([UInt8])
    case append([UInt8])
    case replaceTemporary([UInt8])
    case rename
    case pause(Duration)
}
