import Shared

/// What a file's name such as `RightWF_Meas_1.txt` says.
///
/// The content carries neither eye nor number.
struct VisionixName: Hashable {
    /// The eye in front.
    let eye: Eye
    /// The exam's word behind the eye, in capitals: `WF`, `TOPO`, `ARK`.
    let exam: String
    /// The number behind `_Meas_`; nil where the name has none.
    let number: Int?

    /// Nil for a name that does not begin with `Right` or `Left` and an exam's word.
    init?(_ name: String) {
        let capitals = name.uppercased()
        guard capitals.hasSuffix(".TXT") else { return nil }
        let stem = capitals.dropLast(4)
        let rest: Substring
        if stem.hasPrefix("RIGHT") {
            (eye, rest) = (.right, stem.dropFirst(5))
        } else if stem.hasPrefix("LEFT") {
            (eye, rest) = (.left, stem.dropFirst(4))
        } else {
            return nil
        }
        let word = rest.prefix { $0.isASCII && $0.isLetter }
        let tail = rest.dropFirst(word.count)
        guard !word.isEmpty else { return nil }
        exam = String(word)
        if tail.isEmpty {
            number = nil
        } else {
            guard tail.hasPrefix("_MEAS_"), let parsed = Self.number(tail.dropFirst(6)) else {
                return nil
            }
            number = parsed
        }
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...6).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return Int(text)
    }
}
