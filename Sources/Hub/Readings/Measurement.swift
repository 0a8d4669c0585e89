import Shared

/// The values of one measurement of one eye: all under the circumstances of one of them.
///
/// A file holds several: far and near, three pupil zones, a median and its shots. A sphere is never
/// shown beside the cylinder of another one.
struct Measurement: Sendable {
    /// The value that says which measurement it is.
    let anchor: ReadingValue
    private let values: [ReadingValue]

    /// The measurement that `quantities` belong to; nil where there is none.
    ///
    /// A representative one before single shots, far before near, and of several pupil zones the
    /// wanted one, else 5 mm, else 3, else 7; then the device's own order.
    init?(_ values: [ReadingValue], around quantities: [Quantity], zone: Int? = nil) {
        let candidates = values.filter { quantities.contains($0.quantity) }
        let best = candidates.enumerated().min { left, right in
            let (first, second) = (
                Self.rank(left.element, zone), Self.rank(right.element, zone)
            )
            return first == second
                ? left.offset < right.offset : first.lexicographicallyPrecedes(second)
        }
        guard let best else { return nil }
        self.values = values
        anchor = best.element
    }

    /// The value of a quantity within the measurement.
    func first(_ quantity: Quantity, meridian: Meridian? = nil) -> ReadingValue? {
        values.first {
            $0.quantity == quantity && $0.meridian == meridian && $0.zone == anchor.zone
                && $0.statistic == anchor.statistic && $0.distance == anchor.distance
                && $0.distanceCm == anchor.distanceCm && $0.lighting == anchor.lighting
                && $0.shot == anchor.shot
        }
    }

    /// The addition says how near differs from far, so it stands at either distance.
    var addition: ReadingValue? {
        values.first { $0.quantity == .addition && $0.zone == anchor.zone && $0.shot == nil }
    }

    private static func rank(_ value: ReadingValue, _ zone: Int?) -> [Int] {
        let zones: [Int?] = [nil, zone ?? 5, 5, 3, 7]
        return [
            value.shot ?? 0, value.distance == .near ? 1 : 0,
            zones.firstIndex(of: value.zone) ?? zones.count,
        ]
    }
}
