import Logging
import ServiceLifecycle
import Shared
import Systemd

/// Looks at the disk every two seconds and does what `DiskPlan` says: makes room where it can,
/// says so where it cannot, and takes everything back when there is room again.
actor DiskService: Service {
    private let store: AgentStore
    private let folder: String
    private let quotaBytes: Int64
    private let ballast: Ballast
    private let board: DiskBoard
    private let free: @Sendable (String) -> Int64?
    private let onChange: @Sendable (DiskStatus) -> Void
    private let logger: Logger

    private var plan: DiskPlan
    private var refusingSince: Instant?
    private var givenUp = 0
    private var last: DiskStatus?

    /// `onChange` is told of a level, a refusal or a hold that is new.
    init(
        store: AgentStore,
        configuration: AgentConfiguration,
        board: DiskBoard,
        logger: Logger,
        free: @escaping @Sendable (String) -> Int64? = { DiskSpace.free(at: $0) },
        onChange: @escaping @Sendable (DiskStatus) -> Void = { _ in }
    ) {
        self.store = store
        self.board = board
        self.logger = logger
        self.free = free
        self.onChange = onChange
        folder = configuration.stateDirectory
        quotaBytes = Int64(configuration.quotaMegabytes) * 1_048_576
        ballast = configuration.ballast
        plan = DiskPlan(ballast: ballast.bytes)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let pause = await self.look()
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// Looks once and acts; answers how long the disk may be left alone then.
    @discardableResult
    func look() async -> Duration {
        let room = StoreRoom(store)
        let used = (try? await room.usage().used) ?? 0
        let facts = DiskPlan.Facts(
            free: free(folder),
            hasBallast: ballast.isPresent,
            isRefused: store.isFull,
            quotaPercent: Int(used * 100 / quotaBytes)
        )
        for action in plan.note(facts) {
            do {
                try await perform(action, room)
            } catch {
                // What one cannot do the next may make possible; the next look tries all again.
                logger.debug("No room was made", metadata: ["error": "\(error)"])
            }
        }
        tell(used: (try? await room.usage().used) ?? used)
        return plan.pause(facts)
    }

    private func perform(_ action: DiskPlan.Action, _ room: StoreRoom) async throws {
        switch action {
        case .releaseBallast: ballast.release()
        case .buildBallast: _ = ballast.build()
        case .emptyLog: try await store.emptyLog()
        case .dropCaches: try await room.dropCaches()
        case .dropTelemetry: givenUp += try await room.dropTelemetry()
        case .purgeSettled(let bytes): givenUp += try await room.purgeSettled(untilFree: bytes)
        case .probe: try await room.probe()
        }
    }

    private func tell(used: Int64) {
        refusingSince = store.isFull ? refusingSince ?? store.clock.now() : nil
        let status = DiskStatus(
            level: "\(plan.level)",
            refusingSince: refusingSince,
            hasBallast: ballast.isPresent,
            ballastBytes: ballast.bytes,
            quotaBytes: quotaBytes,
            usedBytes: used,
            givenUp: givenUp,
            holdsTelemetry: plan.holdsTelemetry
        )
        board.note(status)
        defer { last = status }
        guard
            last == nil || last?.level != status.level
                || (last?.refusingSince == nil) != (refusingSince == nil)
                || last?.holdsTelemetry != status.holdsTelemetry
        else { return }
        onChange(status)
        log(status)
    }

    private func log(_ status: DiskStatus) {
        let metadata: Logger.Metadata = [
            "level": "\(status.level)", "ballast": "\(status.hasBallast)",
            "givenUp": "\(status.givenUp)",
        ]
        if let sentence = status.sentence {
            let level: Logger.Level = status.refusingSince == nil ? .warning : .critical
            logger.log(level: level, "\(sentence)", metadata: metadata)
        } else if last != nil {
            logger.notice("There is room on the disk again", metadata: metadata)
        }
        try? Notifier().notify(.status(status.sentence ?? "Captures."))
    }
}
