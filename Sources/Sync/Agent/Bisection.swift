/// The search for the one operation that makes the Hub refuse a push.
///
/// A refused push is tried again by halves: the first half of what may hold the bad one. Taken, the
/// bad one is behind it; refused, it is in it. So one of 1,000 is found with 10 pushes, and whatever is
/// taken on the way stays taken.
package struct Bisection: Equatable, Sendable {
    /// The first sequence that may be the bad one.
    package private(set) var first: Int64
    /// How many may be.
    package private(set) var count: Int

    /// Begins with a refused push.
    package init(first: Int64, count: Int) {
        precondition(count >= 1, "an empty push is not sent")
        self.first = first
        self.count = count
    }

    /// How many operations the next push holds.
    package var next: Int { (count + 1) / 2 }

    /// True when one is left: it is the bad one, or there is none.
    package var isOver: Bool { count == 1 }

    /// The Hub refused the first `count`.
    package mutating func refused(_ count: Int) {
        self.count = max(1, min(self.count, count))
    }

    /// The Hub has taken everything up to a sequence; answers false where nothing is left.
    package mutating func taken(through sequence: Int64) -> Bool {
        let left = Int64(count) - max(0, sequence - first + 1)
        guard left > 0 else { return false }
        first = max(first, sequence + 1)
        count = Int(left)
        return true
    }
}
