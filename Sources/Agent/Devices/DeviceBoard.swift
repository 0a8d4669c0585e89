import Shared
import Sync
import Synchronization

/// The devices as they are now, for the control socket; and what listening to udev says.
final class DeviceBoard: Sendable {
    private struct State {
        var devices: [String: DeviceState] = [:]
        var gone: [DeviceState] = []
        var udevProblem: String?
        var sources: [String: Instant] = [:]
    }

    private let state = Mutex(State())

    /// Devices that were unplugged and are still listed.
    private static let maximumGone = 32

    init() {}

    /// Attached ones first, by key; then the last ones that went.
    var devices: [DeviceState] {
        state.withLock { state in
            state.devices.values.sorted { $0.key < $1.key } + state.gone.reversed()
        }
    }

    /// Why no device is noticed; nil where udev is listened to.
    var udevProblem: String? { state.withLock { $0.udevProblem } }

    /// Takes the present state of a device; true where more than its documents has changed.
    func note(_ device: DeviceState) -> Bool {
        state.withLock { state in
            let known = state.devices[device.key] ?? state.gone.last { $0.key == device.key }
            defer { Self.place(device, &state) }
            return known?.state != device.state || known?.problem != device.problem
                || known?.driver != device.driver
        }
    }

    private static func place(_ device: DeviceState, _ state: inout State) {
        state.gone.removeAll { $0.key == device.key }
        guard device.state == .detached else {
            state.devices[device.key] = device
            return
        }
        state.devices[device.key] = nil
        state.gone.append(device)
        if state.gone.count > Self.maximumGone { state.gone.removeFirst() }
    }

    /// When a configured folder came into its present state.
    func since(of source: String) -> Instant {
        state.withLock { $0.sources[source] ?? Instant(milliseconds: 0) }
    }

    func note(source: String, since: Instant) { state.withLock { $0.sources[source] = since } }

    func note(udevProblem: String?) { state.withLock { $0.udevProblem = udevProblem } }
}
