/// The versions of the protocol that one side speaks, from the lowest to the highest.
package struct WireVersions: Equatable, Sendable, Codable {
    package var lowest: Int
    package var highest: Int

    /// Takes the bounds as they are.
    package init(lowest: Int, highest: Int) {
        self.lowest = lowest
        self.highest = highest
    }

    /// What this program speaks: every version that was ever released, the two before the newest
    /// at the least.
    package static let own = WireVersions(lowest: 1, highest: 2)

    /// Compares both sides.
    ///
    /// - Parameter other: what the other side says of itself; nil from one that is older than the
    ///   question, and speaks version 1.
    /// - Returns: the highest version that both speak; nil where there is none.
    package func common(with other: WireVersions?) -> Int? {
        let other = other ?? WireVersions(lowest: 1, highest: 1)
        let version = min(highest, other.highest)
        return version >= max(lowest, other.lowest) ? version : nil
    }
}
