import Foundation

/// Whether two samples come from one distribution: the test of Mann and Whitney.
///
/// It asks how often a value of one is above a value of the other, and so minds neither a few slow
/// requests nor the shape of the distribution, which the difference of two means would.
struct RankTest {
    /// How far the ranks are from what chance gives, in standard deviations; positive where the
    /// first sample is the larger.
    let deviations: Double

    init(_ first: [Double], _ second: [Double]) {
        let all = (first.map { ($0, true) } + second.map { ($0, false) })
            .sorted { $0.0 < $1.0 }
        var (rankSum, ties, index) = (0.0, 0.0, 0)
        while index < all.count {
            var end = index
            while end < all.count, all[end].0 == all[index].0 { end += 1 }
            let count = Double(end - index)
            // Equal values share the mean of their ranks, which count from 1.
            let rank = Double(index + 1 + end) / 2
            rankSum += rank * Double(all[index..<end].count { $0.1 })
            ties += count * count * count - count
            index = end
        }
        let (m, n) = (Double(first.count), Double(second.count))
        let total = m + n
        let u = rankSum - m * (m + 1) / 2
        let variance = m * n / 12 * (total + 1 - ties / (total * (total - 1)))
        deviations = variance > 0 ? (u - m * n / 2) / variance.squareRoot() : 0
    }
}
