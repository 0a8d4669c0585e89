/// The right or the left eye.
package enum Side: String, Sendable, CaseIterable {
    case right, left

    /// `Right` or `Left`, as in the names of the Visionix files.
    var capitalised: String {
        switch self {
        case .right: "Right"
        case .left: "Left"
        }
    }

    /// `R` or `L`, as in the Topcon files.
    var letter: String { self == .right ? "R" : "L" }
}

/// One value for each eye.
package struct EyePair<Value: Sendable>: Sendable {
    /// The eye's own value.
    package var right: Value, left: Value

    /// Takes both values.
    package init(right: Value, left: Value) {
        self.right = right
        self.left = left
    }

    package subscript(side: Side) -> Value {
        get { side == .right ? right : left }
        set { if side == .right { right = newValue } else { left = newValue } }
    }

    /// The pair of what `transform` makes of each eye, the right one first.
    func map<Result>(_ transform: (Side, Value) -> Result) -> EyePair<Result> {
        EyePair<Result>(right: transform(.right, right), left: transform(.left, left))
    }
}

extension EyePair: Equatable where Value: Equatable {}
extension EyePair: Hashable where Value: Hashable {}
