import Shared
import Sync

/// What becomes of the devices of this PC: events in, actions out; no clock, no thread, no file.
///
/// Each attachment has at most one driver. Its number grows with each start, so that a word of a
/// driver that was stopped meanwhile is told from one of its successor.
struct DeviceSupervisor: Sendable {
    /// Attachments that are followed; more than any PC has.
    static let maximumDevices = 256

    private var devices: [String: Served] = [:]
    private var rules = DeviceRules()
    private var runs = 0
    /// What is known of a key from earlier attachments.
    private var earlier: [String: Tally] = [:]
    private var earlierOrder: [String] = []
    /// Devices that went while a driver served them, by its number: it may still have to say
    /// something.
    private var gone: [Int: DeviceState] = [:]

    private struct Tally {
        var documents = 0
        var lastDocumentAt: Instant?
    }

    private struct Served {
        var device: AttachedDevice
        var plan: DevicePlan
        var state: DeviceState
        var run: Int?
        var backoff = DriverBackoff()
        var retryAt: ContinuousClock.Instant?
        /// What was cut off when the port hung up; udev tells later that the device is gone.
        var cut: DeviceFact.Problem?
    }

    enum Input: Sendable {
        /// Came, or is described anew.
        case attached(AttachedDevice)
        /// Went, by its attachment.
        case detached(String)
        case rules(DeviceRules)
        /// Something that the driver with this number has told.
        case driver(id: String, run: Int, DriverEvent)
        /// Nothing but that time has passed.
        case time
    }

    enum Action: Equatable, Sendable {
        case start(DriverRun)
        /// Cancel this driver; it stores what it has.
        case stop(id: String, run: Int)
        /// The device is otherwise than it was told last.
        case tell(DeviceState)
    }

    init() {}

    /// Every device that is attached, by its key.
    var states: [DeviceState] { devices.values.map(\.state).sorted { $0.key < $1.key } }

    /// When to come back with `time`, whatever happens.
    var nextDue: ContinuousClock.Instant? { devices.values.compactMap(\.retryAt).min() }

    /// Takes what happened; answers what is to be done, in this order.
    mutating func handle(_ input: Input, at now: Moment) -> [Action] {
        switch input {
        case .attached(let device): attach(device, now)
        case .detached(let id): detach(id, now)
        case .rules(let new): replan(new, now)
        case .driver(let id, let run, let event): take(event, of: id, run: run, now)
        case .time: retry(now)
        }
    }

    private mutating func attach(_ device: AttachedDevice, _ now: Moment) -> [Action] {
        if let known = devices[device.id] {
            guard known.device != device else { return [] }
            // Where only its description has changed, a driver that works is not disturbed.
            if known.plan == rules.plan(for: device), known.device.node == device.node,
                DeviceKey.candidates(for: known.device) == DeviceKey.candidates(for: device)
            {
                devices[device.id]?.device = device
                return []
            }
            return detach(device.id, now) + attach(device, now)
        }
        let plan = rules.plan(for: device)
        // Built-in ports that nobody asked for are not even listed.
        guard plan != .leave(nil) || device.isAdapter || device.attachment == .media,
            devices.count < Self.maximumDevices
        else { return [] }
        let key = key(for: device)
        devices[device.id] = Served(
            device: device,
            plan: plan,
            state: DeviceState(
                key: key,
                attachment: device.attachment,
                state: .unserved,
                since: now.wall,
                adapter: device.adapter,
                node: device.node,
                documents: earlier[key]?.documents ?? 0,
                lastDocumentAt: earlier[key]?.lastDocumentAt
            )
        )
        return begin(device.id, now)
    }

    private mutating func detach(_ id: String, _ now: Moment) -> [Action] {
        guard var gone = devices.removeValue(forKey: id) else { return [] }
        remember(gone.state)
        gone.state.state = .detached
        gone.state.since = now.wall
        // A stick that is pulled out has unreadable files before udev tells that it is gone.
        let isIncomplete = gone.state.problem?.code == DriverEvent.unreadableFiles
        gone.state.problem = isIncomplete ? gone.state.problem : gone.cut
        if let run = gone.run {
            self.gone[run] = gone.state
            if let oldest = self.gone.keys.min(), self.gone.count > Self.maximumDevices {
                self.gone[oldest] = nil
            }
        }
        return (gone.run.map { [.stop(id: id, run: $0)] } ?? []) + [.tell(gone.state)]
    }

    private mutating func replan(_ new: DeviceRules, _ now: Moment) -> [Action] {
        rules = new
        let ids = devices.keys.sorted()
        return ids.flatMap { id -> [Action] in
            guard let served = devices[id] else { return [] }
            let plan = rules.plan(for: served.device)
            guard plan != served.plan else { return [] }
            let stop = served.run.map { [Action.stop(id: id, run: $0)] } ?? []
            devices[id]?.plan = plan
            devices[id]?.run = nil
            devices[id]?.backoff = DriverBackoff()
            return stop + begin(id, now)
        }
    }

    private mutating func retry(_ now: Moment) -> [Action] {
        let due = devices.filter { $0.value.retryAt.map { $0 <= now.steady } ?? false }
        return due.keys.sorted().flatMap { begin($0, now) }
    }

    /// Starts the driver of its plan, or says that there is none.
    private mutating func begin(_ id: String, _ now: Moment) -> [Action] {
        guard var served = devices[id] else { return [] }
        served.retryAt = nil
        served.state.driver = served.plan.driver
        served.state.source = served.plan.driver.map { _ in
            DeviceKey.sourceName(of: served.state.key)
        }
        if case .leave(let problem) = served.plan {
            served.run = nil
            served.state.enter(.unserved, problem, now)
            devices[id] = served
            return [.tell(served.state)]
        }
        runs += 1
        served.run = runs
        // One that is tried again stays failing until it works: the Hub need not hear of each try.
        let isRetry = served.state.state == .failing && served.backoff.failures > 0
        if !isRetry { served.state.enter(.starting, nil, now) }
        devices[id] = served
        let run = DriverRun(
            id: id,
            run: runs,
            key: served.state.key,
            source: DeviceKey.sourceName(of: served.state.key),
            device: served.device,
            plan: served.plan
        )
        return [.start(run)] + (isRetry ? [] : [.tell(served.state)])
    }

    private mutating func take(
        _ event: DriverEvent,
        of id: String,
        run: Int,
        _ now: Moment
    ) -> [Action] {
        guard var served = devices[id], served.run == run else {
            return late(event, run: run, now)
        }
        let before = served.state
        switch event {
        case .ready:
            served.backoff.ready(at: now.steady)
            served.state.enter(.ready, nil, now)
        case .bytes(let count): served.state.bytes = (served.state.bytes ?? 0) + count
        case .document:
            served.backoff.succeeded()
            served.cut = nil
            served.state.documents += 1
            served.state.lastDocumentAt = now.wall
        case .files(let count): served.state.files = count
        case .problem(let problem):
            if problem?.code == DriverEvent.cutOff { served.cut = problem }
            served.state.enter(.ready, problem, now)
        case .finished(let problem):
            served.run = nil
            served.backoff.succeeded()
            served.state.enter(.safeToRemove, problem, now)
        case .failed(let problem):
            served.run = nil
            served.retryAt = served.backoff.failed(at: now.steady)
            served.state.enter(.failing, problem, now)
        }
        devices[id] = served
        return served.state == before ? [] : [.tell(served.state)]
    }

    /// A driver stores what it has after its device went: its documents count, and what was cut
    /// off is told.
    private mutating func late(_ event: DriverEvent, run: Int, _ now: Moment) -> [Action] {
        guard var state = gone[run] else { return [] }
        let present = devices.first { $0.value.state.key == state.key }?.key
        switch event {
        case .document:
            earlier[state.key]?.documents += 1
            earlier[state.key]?.lastDocumentAt = now.wall
            state.documents += 1
            state.lastDocumentAt = now.wall
            gone[run] = state
            guard let present else { return [.tell(state)] }
            devices[present]?.state.documents += 1
            devices[present]?.state.lastDocumentAt = now.wall
            return devices[present].map { [.tell($0.state)] } ?? []
        case .problem(let problem?), .finished(let problem?):
            state.problem = problem
            gone[run] = state
            return present == nil ? [.tell(state)] : []
        default: return []
        }
    }

    /// The best key that no other attachment has.
    private func key(for device: AttachedDevice) -> String {
        let taken = Set(devices.values.map(\.state.key))
        let candidates = DeviceKey.candidates(for: device)
        return candidates.first { !taken.contains($0) } ?? "port:\(device.id)"
    }

    private mutating func remember(_ state: DeviceState) {
        if earlier[state.key] == nil {
            earlierOrder.append(state.key)
            if earlierOrder.count > Self.maximumDevices {
                earlier[earlierOrder.removeFirst()] = nil
            }
        }
        earlier[state.key] = Tally(
            documents: state.documents,
            lastDocumentAt: state.lastDocumentAt
        )
    }
}
