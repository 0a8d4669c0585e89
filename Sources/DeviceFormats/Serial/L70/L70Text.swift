import Shared

/// One block of an L70 by its exact form; anything else is no block that is known.
enum L70Text {
    /// `@LM`: the kind of device.
    case machine
    /// ` R+01.25-00.25165`: sphere, cylinder, axis.
    case lens(Eye, sphere: String, cylinder: String, axis: String)
    /// `AR+02.00`.
    case addition(Eye, String)
    /// `PRI00.50U01.00`: the base in or out, and up or down.
    case prism(Eye, horizontal: Prism, vertical: Prism)
    /// `PD63.531.731.7`: both, right, left.
    case pupils(both: String, right: String, left: String)

    /// An amount with the direction of its base.
    struct Prism: Equatable {
        var base: PrismBase
        var amount: String
    }

    /// Reads a block; nil for a form that is not known, however near.
    init?(_ bytes: [UInt8]) {
        var rest = Pattern(bytes)
        switch (bytes.first, bytes.dropFirst().first) {
        case (UInt8(ascii: "@"), _):
            guard bytes.elementsEqual("@LM".utf8) else { return nil }
            self = .machine
        case (UInt8(ascii: " "), let side):
            rest.skip(2)
            guard let eye = Self.eye(side), let sphere = rest.take("+dd.dd"),
                let cylinder = rest.take("+dd.dd"), let axis = rest.take("ddd"), rest.isEmpty
            else { return nil }
            self = .lens(eye, sphere: sphere, cylinder: cylinder, axis: axis)
        case (UInt8(ascii: "A"), let side):
            rest.skip(2)
            guard let eye = Self.eye(side), let power = rest.take("+dd.dd"), rest.isEmpty else {
                return nil
            }
            self = .addition(eye, power)
        case (UInt8(ascii: "P"), UInt8(ascii: "D")):
            rest.skip(2)
            guard let both = rest.take("dd.d"), let right = rest.take("dd.d"),
                let left = rest.take("dd.d"), rest.isEmpty
            else { return nil }
            self = .pupils(both: both, right: right, left: left)
        case (UInt8(ascii: "P"), let side):
            rest.skip(2)
            guard let eye = Self.eye(side), let inward = rest.base(["I": .in, "O": .out]),
                let first = rest.take("dd.dd"), let upward = rest.base(["U": .up, "D": .down]),
                let second = rest.take("dd.dd"), rest.isEmpty
            else { return nil }
            self = .prism(
                eye,
                horizontal: Prism(base: inward, amount: first),
                vertical: Prism(base: upward, amount: second)
            )
        default: return nil
        }
    }

    /// What may stand once in a transmission.
    var name: String {
        switch self {
        case .machine: "@"
        case .lens(let eye, _, _, _): "R\(Self.letter(eye))"
        case .addition(let eye, _): "A\(Self.letter(eye))"
        case .prism(let eye, _, _): "P\(Self.letter(eye))"
        case .pupils: "PD"
        }
    }

    private static func letter(_ eye: Eye) -> String { eye == .right ? "R" : "L" }

    private static func eye(_ side: UInt8?) -> Eye? {
        switch side {
        case UInt8(ascii: "R"): .right
        case UInt8(ascii: "L"): .left
        default: nil
        }
    }

    /// Takes texts of a fixed form from the front: `d` is a digit, `+` either sign.
    private struct Pattern {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) { rest = bytes[...] }

        var isEmpty: Bool { rest.isEmpty }

        mutating func skip(_ count: Int) { rest = rest.dropFirst(count) }

        mutating func take(_ pattern: String) -> String? {
            let bytes = rest.prefix(pattern.utf8.count)
            guard bytes.count == pattern.utf8.count,
                zip(bytes, pattern.utf8).allSatisfy({ Self.fits($0, $1) })
            else { return nil }
            rest = rest.dropFirst(bytes.count)
            return SerialText.text(bytes)
        }

        mutating func base(_ letters: [Character: PrismBase]) -> PrismBase? {
            guard let first = rest.popFirst() else { return nil }
            return letters[Character(Unicode.Scalar(first))]
        }

        private static func fits(_ byte: UInt8, _ form: UInt8) -> Bool {
            switch form {
            case UInt8(ascii: "d"): (0x30...0x39).contains(byte)
            case UInt8(ascii: "+"): byte == form || byte == UInt8(ascii: "-")
            default: byte == form
            }
        }
    }
}
