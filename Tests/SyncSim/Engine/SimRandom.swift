/// The one source of chance in a simulation: xoshiro256**, seeded by SplitMix64.
///
/// Our own, so that a seed means the same run for as long as this file stays as it is.
package struct SimRandom: RandomNumberGenerator {
    private var a: UInt64, b: UInt64, c: UInt64, d: UInt64

    /// Starts from a seed; neighbouring seeds give streams that have nothing in common.
    package init(seed: UInt64) {
        var state = seed
        func split() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        (a, b, c, d) = (split(), split(), split(), split())
    }

    package mutating func next() -> UInt64 {
        let result = Self.rotate(b &* 5, 7) &* 9
        let t = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= t
        d = Self.rotate(d, 45)
        return result
    }

    /// A number of a range, each as likely as the others.
    package mutating func integer(in range: ClosedRange<Int64>) -> Int64 {
        let width = UInt64(bitPattern: range.upperBound &- range.lowerBound) &+ 1
        return range.lowerBound &+ Int64(bitPattern: next().multipliedFullWidth(by: width).high)
    }

    /// A place below `count`.
    package mutating func index(below count: Int) -> Int {
        Int(integer(in: 0...Int64(count - 1)))
    }

    /// 0 ..< 1.
    package mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// True so often in the long run.
    package mutating func chance(_ probability: Double) -> Bool {
        fraction() < probability
    }

    /// The time to the next of events that come `mean` apart, without memory; at least 1.
    package mutating func interval(mean: Int64) -> Int64 {
        // A sum of halvings instead of a logarithm: the same on every machine.
        var factor = 0.0
        for _ in 0..<4 { factor += fraction() }
        return max(1, Int64(Double(mean) * factor * 0.5))
    }

    private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
        (value << count) | (value >> (64 - count))
    }
}
