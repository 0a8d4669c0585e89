/// A source of randomness that gives the same numbers for the same seed on every machine
/// (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the stream that belongs to `seed` and to the whole numbers in `path`.
    ///
    /// Different paths give unrelated streams, so that one visit can be made without the others.
    package init(seed: UInt64, path: [Int] = []) {
        state = seed
        for step in path {
            state = next() ^ UInt64(truncatingIfNeeded: step)
        }
        state = next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True in `percent` of 100 cases.
    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    /// One of `choices`, each as likely as the others.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int.random(in: choices.indices, using: &self)]
    }

    /// A number of `range` that is near its middle more often than near its ends.
    mutating func bell(_ range: ClosedRange<Int>) -> Int {
        let sum = (0..<3).reduce(0) { sum, _ in sum + Int.random(in: range, using: &self) }
        return Rounding.quotient(sum, 3)
    }
}
