/// What the consumer has not taken yet: at most one change of each device, whatever it has been
/// through.
struct UdevQueue {
    private var order: [String] = []
    private var changes: [String: Change] = [:]
    private var hasSettled = false

    /// Devices that may wait; then the producer pauses.
    static let capacity = 1024

    /// First what went, then what is there now.
    private struct Change {
        var removed: UdevDevice?
        var arrived: UdevEvent?
    }

    var isEmpty: Bool { order.isEmpty && !hasSettled }
    var isFull: Bool { order.count >= Self.capacity }

    mutating func add(_ event: UdevEvent) {
        switch event {
        case .settled: hasSettled = true
        case .present(let device), .added(let device): update(device) { $0.arrived = event }
        case .changed(let device):
            update(device) { change in
                switch change.arrived {
                case .present?: change.arrived = .present(device)
                case .added?: change.arrived = .added(device)
                default: change.arrived = event
                }
            }
        case .removed(let device):
            update(device) { change in
                switch change.arrived {
                // The consumer has never heard of it.
                case .present?, .added?: break
                default: change.removed = change.removed ?? device
                }
                change.arrived = nil
            }
        }
    }

    /// Everything, in the order in which the devices first had news.
    mutating func take() -> [UdevEvent] {
        defer { self = UdevQueue() }
        let events = order.flatMap { path -> [UdevEvent] in
            guard let change = changes[path] else { return [] }
            return [change.removed.map { .removed($0) }, change.arrived].compactMap(\.self)
        }
        return events + (hasSettled ? [.settled] : [])
    }

    private mutating func update(_ device: UdevDevice, _ body: (inout Change) -> Void) {
        if changes[device.path] == nil { order.append(device.path) }
        body(&changes[device.path, default: Change()])
    }
}
