import Foundation

/// One measured figure, with what was promised where something was.
struct Figure {
    var name: String
    var value: Double
    var unit: String
    var promise: Promise?

    enum Promise {
        case atMost(Double)
        case atLeast(Double)
    }

    var isKept: Bool? {
        switch promise {
        case .atMost(let limit): value <= limit
        case .atLeast(let limit): value >= limit
        case nil: nil
        }
    }
}

/// The figures as a table.
struct FigureTable {
    private var figures: [Figure] = []

    mutating func add(_ more: [Figure]) {
        figures += more
        for figure in more { print("  \(line(figure))") }
    }

    var text: String {
        let rows = figures.map(line)
        return (["", "Figures"] + rows).joined(separator: "\n")
    }

    private func line(_ figure: Figure) -> String {
        let number = figure.value.formatted(.number.precision(.fractionLength(0...2)))
        let left = figure.name.padded(to: 56) + (number + " " + figure.unit).padded(to: 20)
        switch figure.promise {
        case .atMost(let limit): return left + verdict(figure, "≤ \(limit.formatted())")
        case .atLeast(let limit): return left + verdict(figure, "≥ \(limit.formatted())")
        case nil: return left + "(this machine's limit, or for information)"
        }
    }

    private func verdict(_ figure: Figure, _ promise: String) -> String {
        "\(promise) \(figure.unit): \(figure.isKept == true ? "kept" : "NOT KEPT")"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}

extension [Double] {
    /// The value that `share` of all are at or under.
    func percentile(_ share: Double) -> Double {
        guard !isEmpty else { return .nan }
        let sorted = sorted()
        return sorted[Swift.min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}

extension Duration {
    var milliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }
}
