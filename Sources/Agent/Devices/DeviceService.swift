import Folders
import Logging
import ServiceLifecycle
import Shared
import Sync
import Udev

/// Serves every device that is attached, as it comes and goes; ends with the process alone.
///
/// `DeviceSupervisor` decides; this asks udev and the mount table, starts and stops drivers, and
/// waits. A driver runs in a task of its own: whatever it does, the others go on.
actor DeviceService: Service {
    private let folder: String
    private let prepare: @Sendable () async -> (@Sendable () async -> Void)
    private let rules: @Sendable () async -> DeviceRules?
    private let rulesChanges: AsyncStream<Void>
    private let makeDriver: @Sendable (DriverRun) -> any DeviceDriver
    private let facts: DeviceFacts
    private let board: DeviceBoard
    private let clock: WallClock
    private let logger: Logger

    private var supervisor = DeviceSupervisor()
    private var attachments = Attachments()
    private var drivers: [String: (run: Int, task: Task<Void, Never>)] = [:]
    private let alarm = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// How long udev is left alone after it could not be listened to.
    private static let udevPause = Duration.seconds(10)

    /// Takes the parts.
    ///
    /// Media are mounted in `folder`. `prepare` looks for what an earlier process has left, before
    /// the first device is served, and answers what is to be done about it beside.
    init(
        folder: String,
        prepare: @escaping @Sendable () async -> (@Sendable () async -> Void) = { {} },
        rules: @escaping @Sendable () async -> DeviceRules?,
        rulesChanges: AsyncStream<Void>,
        facts: DeviceFacts,
        board: DeviceBoard,
        clock: WallClock,
        logger: Logger,
        makeDriver: @escaping @Sendable (DriverRun) -> any DeviceDriver
    ) {
        self.folder = folder
        self.prepare = prepare
        self.rules = rules
        self.rulesChanges = rulesChanges
        self.facts = facts
        self.board = board
        self.clock = clock
        self.logger = logger
        self.makeDriver = makeDriver
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Before the first device, so that none begins under the wrong rule.
            await self.takeRules()
            await self.facts.load()
            let recover = await self.prepare()
            await withDiscardingTaskGroup { group in
                group.addTask { await recover() }
                group.addTask { await self.facts.run() }
                group.addTask { await self.followUdev() }
                group.addTask { await self.followMounts() }
                group.addTask { await self.followRules() }
                group.addTask { await self.keepTime() }
            }
        }
        await stopAll()
    }

    private func followUdev() async {
        while !Task.isCancelled {
            attachments.beginListing()
            do throws(UdevError) {
                for try await event in UdevEvents(subsystems: ["tty", "block"]) {
                    await take(event)
                }
            } catch {
                board.note(udevProblem: "\(error)")
                logger.error("udev cannot be listened to", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: Self.udevPause)
        }
    }

    private func take(_ event: UdevEvent) async {
        var present: [MountedFolder]?
        if case .added(let device) = event, device.subsystem == "block" {
            // What is mounted now, and not what was when the last disk of this name went.
            present = MountedFolders.present(in: folder)
        }
        for input in attachments.take(event, mounts: present) { take(input) }
        guard event == .settled else { return }
        board.note(udevProblem: nil)
        await takeMounts(MountedFolders.present(in: folder))
        // What the Hub believes to be attached and nobody has seen now went while nobody looked.
        let keys = Set(supervisor.states.map(\.key))
        facts.settle([.serial, .media], present: keys, at: clock.now())
    }

    private func followMounts() async {
        for await present in MountedFolders(in: folder) { await takeMounts(present) }
    }

    private func takeMounts(_ present: [MountedFolder]) async {
        var (present, listed) = (present, [UdevDevice]())
        if attachments.lacksBlocks(of: present) {
            // The mount may be noticed before udev's event is.
            listed = await Workbench().run {
                (try? UdevEvents.present(subsystems: ["block"])) ?? []
            }
            // udev has gone on meanwhile: what was mounted before the wait may be mounted no more.
            present = MountedFolders.present(in: folder)
        }
        for input in attachments.take(present, listed: listed) { take(input) }
    }

    private func followRules() async {
        for await _ in rulesChanges {
            guard !Task.isCancelled else { return }
            await takeRules()
        }
    }

    /// Where the store does not answer, the rules stay as they are.
    private func takeRules() async {
        if let rules = await rules() { take(.rules(rules)) }
    }

    private func keepTime() async {
        var alarms = alarm.stream.makeAsyncIterator()
        while !Task.isCancelled {
            guard let due = supervisor.nextDue else {
                guard await alarms.next() != nil else { return }
                continue
            }
            let latest = ContinuousClock.now.advanced(by: .seconds(1))
            guard (try? await Task.sleep(until: min(due, latest), clock: .continuous)) != nil
            else { return }
            take(.time)
        }
    }

    private func take(_ input: DeviceSupervisor.Input) {
        let now = Moment(steady: .now, wall: clock.now())
        for action in supervisor.handle(input, at: now) { perform(action) }
        alarm.continuation.yield()
    }

    private func perform(_ action: DeviceSupervisor.Action) {
        switch action {
        case .start(let run): start(run)
        case .stop(let id, let run):
            if drivers[id]?.run == run { drivers[id]?.task.cancel() }
        case .tell(let state):
            if board.note(state) { log(state) }
            facts.note(state.fact())
        }
    }

    /// Starts a driver once its predecessor at the same attachment has let go of it.
    private func start(_ run: DriverRun) {
        let (driver, before) = (makeDriver(run), drivers[run.id]?.task)
        let task = Task {
            await before?.value
            guard !Task.isCancelled else { return }
            do throws(DriverFailure) {
                try await driver.run { event in await self.note(event, of: run) }
            } catch {
                note(.failed(error.problem), of: run)
            }
            ended(run)
        }
        drivers[run.id] = (run.run, task)
    }

    private func note(_ event: DriverEvent, of run: DriverRun) {
        take(.driver(id: run.id, run: run.run, event))
    }

    private func ended(_ run: DriverRun) {
        if drivers[run.id]?.run == run.run { drivers[run.id] = nil }
    }

    private func stopAll() async {
        let tasks = drivers.values.map(\.task)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    /// Codes and keys alone; a device's label may be a person's name.
    private func log(_ state: DeviceState) {
        var metadata: Logger.Metadata = ["device": "\(state.key)", "state": "\(state.state)"]
        if let driver = state.driver { metadata["driver"] = "\(driver)" }
        if let problem = state.problem { metadata["code"] = "\(problem.code)" }
        let level: Logger.Level = state.problem == nil ? .info : .warning
        logger.log(level: level, "A device has changed", metadata: metadata)
    }
}
