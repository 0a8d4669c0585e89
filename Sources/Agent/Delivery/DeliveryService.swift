import Logging
import ServiceLifecycle
import Shared
import Sync

/// Gives devices what the Hub wants them to have: once, in time, and with an outcome for each.
///
/// The devices are independent of each other: one whose folder hangs delays nobody but itself.
actor DeliveryService: Service {
    let commands: CommandStore
    let targets: [String: SendTarget]
    let lanes: [String: DeliveryLane]
    let quiet: [String: IndexQuiet]
    private let isEnabled: @Sendable (String, Command.Kind) async throws -> Bool
    private let present: any CurrentPatient
    let doorbell: Doorbell
    let time: CaptureTime
    private let logger: Logger
    let checkpoint: DeliveryCheckpoint

    /// When each command must have been delivered, by the clock that nobody sets.
    private var deadlines: [Identifier: ContinuousClock.Instant] = [:]
    private(set) var attempts: [Identifier: Attempts] = [:]
    /// Commands that were seen to be taken back, and are looked at once for that alone.
    private var cancelled: Set<Identifier> = []

    struct Attempts {
        var count = 0
        var last: ContinuousClock.Instant
        var next: ContinuousClock.Instant
        /// Nil where it was not the device's folder.
        var failure: DeliveryFailure?
    }

    /// How long an outcome that only the device's folder can tell is waited for.
    static let findOutLimit = Duration.seconds(3600)
    private static let interval = Duration.seconds(60)
    private static let storeDelay = Duration.seconds(5)

    /// `isEnabled` says what an administrator has enabled for a device.
    init(
        commands: CommandStore,
        sources: [SourceConfiguration],
        isEnabled: @escaping @Sendable (String, Command.Kind) async throws -> Bool,
        present: any CurrentPatient,
        doorbell: Doorbell,
        logger: Logger,
        time: CaptureTime = .system,
        hangLimit: Duration = .seconds(20),
        checkpoint: @escaping DeliveryCheckpoint = { _ in }
    ) {
        let targets = sources.compactMap(SendTarget.init)
        self.commands = commands
        self.targets = targets.reduce(into: [:]) { $0[$1.device] = $1 }
        lanes = targets.reduce(into: [:]) { $0[$1.device] = DeliveryLane(limit: hangLimit) }
        quiet = targets.reduce(into: [:]) { $0[$1.device] = IndexQuiet() }
        self.isEnabled = isEnabled
        self.present = present
        self.doorbell = doorbell
        self.time = time
        self.logger = logger
        self.checkpoint = checkpoint
    }

    /// Runs until the Agent stops.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let next = await self.round()
                _ = await self.doorbell.wait(until: next)
            }
        }
    }

    /// Looks at every command once; answers when to look again.
    func round() async -> ContinuousClock.Instant {
        do {
            let open = try await commands.open()
            let fence = try await commands.fence()
            let ids = Set(open.map(\.id))
            deadlines = deadlines.filter { ids.contains($0.key) }
            attempts = attempts.filter { ids.contains($0.key) }
            cancelled.formIntersection(ids)
            let now = (time.now(), commands.store.clock.now())
            for stored in open {
                if deadlines[stored.id] == nil {
                    deadlines[stored.id] = now.0.advanced(by: stored.remaining(at: now.1))
                }
                if stored.isCancelled, cancelled.insert(stored.id).inserted {
                    attempts[stored.id] = nil
                }
            }
            await withDiscardingTaskGroup { group in
                for (_, queue) in Dictionary(grouping: open, by: \.device) {
                    group.addTask {
                        for stored in queue { await self.look(at: stored, fence: fence) }
                    }
                }
            }
        } catch {
            logger.warning("Deliveries are put off", metadata: ["error": "\(error)"])
            return time.now().advanced(by: Self.storeDelay)
        }
        let latest = time.now().advanced(by: Self.interval)
        return min(latest, attempts.keys.compactMap(due).min() ?? latest)
    }

    /// When a command that failed is looked at again: also when its time is over.
    private func due(_ id: Identifier) -> ContinuousClock.Instant? {
        guard let attempt = attempts[id], let deadline = deadlines[id] else { return nil }
        return attempt.last < deadline ? min(attempt.next, deadline) : attempt.next
    }

    private func look(at stored: StoredCommand, fence: Int64) async {
        let now = time.now()
        guard let deadline = deadlines[stored.id] else { return }
        guard due(stored.id).map({ $0 <= now }) ?? true else { return }
        do {
            let circumstances = try await circumstances(of: stored, fence: fence, now: now)
            switch DeliveryDecision(stored, circumstances) {
            case .settle(let state, let code): try await settle(stored, as: state, code: code)
            case .deliver: try await attempt(stored, deadline: deadline)
            case .findOut: try await findOut(stored, deadline: deadline)
            }
        } catch let failure as DeliveryFailure {
            note(failure, stored, deadline)
        } catch {
            logger.warning(
                "A delivery is put off",
                metadata: ["command": "\(stored.id)", "error": "\(error)"]
            )
            put(off: stored, nil)
        }
    }

    private func circumstances(
        of stored: StoredCommand,
        fence: Int64,
        now: ContinuousClock.Instant
    ) async throws -> DeliveryDecision.Circumstances {
        let target = targets[stored.device]
        var circumstances = DeliveryDecision.Circumstances(
            remaining: (deadlines[stored.id] ?? now) - now,
            fence: fence,
            target: target,
            isEnabled: false,
            present: nil,
            failure: attempts[stored.id]?.failure
        )
        guard let target, let kind = stored.command?.kind else { return circumstances }
        circumstances.isEnabled = try await isEnabled(stored.device, kind)
        // The others put a patient into a list, whoever sits at the device.
        guard kind == .phoropterImport else { return circumstances }
        circumstances.present = try await present.patient(
            at: target.source,
            now: commands.store.clock.now()
        )
        return circumstances
    }

    func settle(
        _ stored: StoredCommand,
        as state: CommandFact.State,
        code: String?
    ) async throws {
        if let target = targets[stored.device], let lane = lanes[stored.device] {
            // Best effort: what was prepared is under no name that the device looks at.
            try? await lane.run { FileDelivery.sweep(target, stored.id) }
        }
        guard try await commands.settle(stored.id, as: state, code: code) else { return }
        logger.notice(
            "A command is over",
            metadata: [
                "command": "\(stored.id)", "device": "\(stored.device)",
                "state": "\(state.rawValue)", "code": "\(code ?? "none")",
            ]
        )
    }

    private func note(
        _ failure: DeliveryFailure,
        _ stored: StoredCommand,
        _ deadline: ContinuousClock.Instant
    ) {
        if attempts[stored.id]?.failure != failure {
            logger.warning(
                "A device could not be given what it is to have",
                metadata: [
                    "command": "\(stored.id)", "device": "\(stored.device)",
                    "code": "\(failure.code)",
                ]
            )
        }
        put(off: stored, failure)
    }

    /// 1 s, doubling up to 30 s.
    private func put(off stored: StoredCommand, _ failure: DeliveryFailure?) {
        let count = (attempts[stored.id]?.count ?? 0) + 1
        let pause = Duration.seconds(min(30, 1 << min(count - 1, 5)))
        attempts[stored.id] = Attempts(
            count: count,
            last: time.now(),
            next: time.now().advanced(by: pause),
            failure: failure
        )
    }
}
