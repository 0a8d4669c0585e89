/// What the Hub asks of its Agents while it has much to do: pure, from how many requests it has in
/// hand.
package struct FlowControl: Equatable, Sendable {
    /// Pushes that are being taken right now.
    package private(set) var inHand = 0
    /// Pushes that were ever begun.
    package private(set) var begun = 0

    /// From so many at once telemetry waits; a clinic of a few PCs never comes there.
    package static let telemetryLimit = 8
    /// From so many at once what happened to devices waits as well.
    package static let auditLimit = 24

    /// Nothing is in hand.
    package init() {}

    /// A push begins.
    package mutating func begin() {
        inHand += 1
        begun += 1
    }

    /// A push has ended.
    package mutating func end() { inHand = max(0, inHand - 1) }

    /// The classes that have to wait; what was measured never does.
    package var paused: [OperationClass] {
        if inHand >= Self.auditLimit { return [.audit, .telemetry] }
        return inHand >= Self.telemetryLimit ? [.telemetry] : []
    }

    /// What the next reply says.
    package var flow: Flow {
        Flow(paused: paused.isEmpty ? nil : paused.map(\.rawValue))
    }
}
