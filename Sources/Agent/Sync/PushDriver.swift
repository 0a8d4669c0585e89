import Logging
import Shared
import Sync

/// Executes what `AgentSync` decides, one effect at a time.
///
/// It holds no decision of its own: a failure, a reply or a wake-up becomes an event, and the
/// machine says what to do.
struct PushDriver: Sendable {
    let client: HubClient
    let store: SyncStore
    let epochs: EpochDriver
    let installations: InstallationFile
    /// What the start made the Agent doubt of itself.
    let suspicion: Suspicion?
    let documents: DocumentStore
    let revocation: Revocation
    let board: SyncBoard
    let disk: DiskBoard
    let workstation: String
    let software: String
    let clock: WallClock
    var boot = BootClock.system
    let logger: Logger
    /// Rung when the outbox has grown, the network is back, or a person asks.
    let doorbell: Doorbell

    /// How long nothing may happen before the Agent looks again, and shows the Hub that it lives.
    static let reconcileInterval = Duration.seconds(60)

    /// Drives until the task is cancelled.
    ///
    /// - Throws: what the store throws; the network's failures are the machine's.
    func run() async throws {
        var ledger = try await store.ledger()
        ledger.isMoved = suspicion == .machineChanged
        var run = Run(machine: AgentSync(ledger: ledger))
        do {
            try await drive(&run)
        } catch {
            run.next?.cancel()
            try? await run.settled()
            throw error
        }
        run.next?.cancel()
        try await run.settled()
    }

    private func drive(_ run: inout Run) async throws {
        var deadline = ContinuousClock.now
        while !Task.isCancelled {
            let isRung = await doorbell.wait(until: deadline)
            guard !Task.isCancelled else { return }
            var events: [AgentSync.Event] = [.appended(head: try await store.head())]
            if !isRung || run.machine.phase == .closed { events.append(.woke) }
            for event in events { try await handle(event, &run) }
            board.update { [epoch = run.machine.ledger.epoch] in $0.epoch = epoch }
            if run.isOver { return }
            if let wait = run.takeWait() {
                deadline = .now + wait
            } else if !isRung {
                deadline = .now + Self.reconcileInterval
            }
        }
    }

    /// What one drive carries from effect to effect.
    private struct Run {
        var machine: AgentSync
        var push: PreparedPush?
        /// What is gathered while `push` is on its way.
        var next: NextPush?
        var pace = PreparationPace()
        /// The verdicts of the push before, on their way to the disk.
        var settling: Task<Void, any Error>?
        /// The Hub's clock in the last session.
        var serverTime: Instant?
        /// The protocol's version that the last session agreed on.
        var version = 1
        /// True when the PC has become another Agent.
        var isOver = false
        private var wait: Duration?

        init(machine: AgentSync) {
            self.machine = machine
        }

        /// Returns when every verdict that came is durable.
        mutating func settled() async throws {
            let task = settling
            settling = nil
            try await task?.value
        }

        mutating func setWait(_ wait: Duration) { self.wait = wait }

        mutating func takeWait() -> Duration? {
            defer { wait = nil }
            return wait
        }
    }

    private func handle(_ event: AgentSync.Event, _ run: inout Run) async throws {
        var effects = run.machine.handle(event)[...]
        while let effect = effects.popFirst(), !Task.isCancelled {
            guard let result = try await execute(effect, &run) else { continue }
            // A result answers the effect in hand; what was still to do before it is not.
            effects = run.machine.handle(result)[...]
        }
    }

    /// Executes an effect; answers the event that it led to, where it leads to one.
    private func execute(
        _ effect: AgentSync.Effect,
        _ run: inout Run
    ) async throws -> AgentSync.Event? {
        if !effect.goesOnMeanwhile { try await run.settled() }
        do {
            switch effect {
            case .openSession:
                let reply = try await openSession(run.machine.ledger)
                run.serverTime = reply.serverTime
                run.version = reply.version ?? 1
                return .sessionOpened(reply)
            case .remember(let nonce, let hub):
                try await store.remember(nonce: nonce, hub: hub)
            case .rewind(let sequence, let chain):
                logger.warning(
                    "the Hub is older than it was",
                    metadata: ["sequence": "\(sequence)"]
                )
                if let reason = try await store.rewind(to: sequence, chain: chain) {
                    return .diverged(reason)
                }
                return .rewound(acknowledged: sequence, chain: chain)
            case .openEpoch(let reason):
                try await store.store.write { try RetentionTime.suspend(in: $0) }
                return .epochOpened(try await epochs.open(run.machine.ledger, reason))
            case .compare(let number):
                return .compared(next: try await epochs.compare(after: number))
            case .renumber(let reply):
                return .renumbered(try await epochs.renumber(reply, at: run.serverTime))
            case .claim:
                let decision = try await epochs.claims.claim()
                run.isOver = decision == .approved
                return .claimed(decision)
            case .load(let after, let chain, let limit):
                let next = run.next
                run.next = nil
                run.push = await next?.taken(after: after, chain: chain, limit: limit)
                if run.push == nil {
                    run.push = try await gather(
                        after: after,
                        chain: chain,
                        limit: limit,
                        version: run.version
                    )
                }
                if let work = run.push?.work { run.pace.prepared(in: work) }
                return .loaded(run.push != nil, count: run.push?.push.operations.count)
            case .push(let nonce):
                guard var prepared = run.push else { return .loaded(false) }
                prepared.address(nonce: nonce, monotonic: boot.now().milliseconds)
                run.next = next(behind: prepared.push, delay: run.pace.delay)
                let start = ContinuousClock.now
                let reply = try await send(prepared)
                run.pace.sent(in: .now - start)
                return .pushed(reply)
            case .isolate(let nonce, let error, let isWithheld):
                guard var push = run.push?.push else { return .loaded(false) }
                push.header.nonce = nonce
                return .pushed(try await isolate(push, error, isWithheld: isWithheld))
            case .upload(let digests):
                try await upload(digests)
                return .uploaded
            case .settle(let reply):
                let settled = try await settle(reply, run.push?.push)
                (run.push, run.settling) = (nil, settled.task)
                return .settled(acknowledged: settled.acknowledged, chain: settled.chain)
            case .wait(let milliseconds): run.setWait(.milliseconds(milliseconds))
            case .alarm(let error):
                alarm(error, phase: run.machine.phase)
                if error == .revoked { try await enforceRevocation() }
            case .calm:
                calm()
                try await noteInStep(run.serverTime)
                if try await revocation.lift() { throw RestartForRevocation(isRevoked: false) }
            }
            return nil
        } catch let error as SyncError {
            return .failed(error, jitter: Double.random(in: 0..<1))
        }
    }

    /// Agent and Hub agree how far the Hub is: retention counts on.
    private func noteInStep(_ hub: Instant?) async throws {
        guard let hub else { return }
        let own = clock.now()
        let known = try await store.store.read { try RetentionTime.stored(in: $0) }
        guard known?.isDue(hub: hub, own: own) ?? true else { return }
        try await store.store.write { try RetentionTime.hear(hub: hub, own: own, in: $0) }
    }

    private func openSession(_ ledger: AgentLedger) async throws -> SessionReply {
        let holdings = try await store.holdings()
        let request = SessionRequest(
            epoch: ledger.epoch,
            head: ledger.head,
            acknowledged: ledger.acknowledged,
            acknowledgedChain: ledger.acknowledgedChain,
            nonce: ledger.nonce,
            workstation: workstation,
            condition: try await condition(),
            installation: epochs.installation,
            suspicion: suspicion,
            retainedSince: holdings.since,
            fence: holdings.fence,
            versions: .own
        )
        let sentAt = clock.now()
        let reply = try await client.call(
            SyncPaths.session,
            body: request,
            reply: SessionReply.self
        )
        sample(sentAt, reply.receivedAt, reply.serverTime)
        let version = reply.version ?? 1
        guard WireVersions.own.lowest <= version, version <= WireVersions.own.highest else {
            throw SyncError.garbage
        }
        board.update { $0.lastSessionAt = clock.now() }
        try installations.rebind(epochs.installation)
        board.update { $0.suspicion = nil }
        try await store.obey(reply.flow)
        return reply
    }

    /// Compares the clocks, and lets the hybrid one hear of the Hub's.
    func sample(_ sent: Instant, _ taken: Instant?, _ answered: Instant) {
        let now = clock.now()
        store.outbox.hear(answered, at: now)
        guard
            let sample = ClockSample(sent: sent, taken: taken, answered: answered, received: now)
        else { return }
        board.update {
            $0.clockOffsetMs = sample.offset
            $0.roundTripMs = sample.roundTrip
        }
    }

    func condition() async throws -> AgentCondition {
        let backlog = try await store.backlog()
        let view = board.current
        return AgentCondition(
            software: software,
            pending: backlog.pending,
            oldestPendingAt: backlog.oldest,
            clockOffsetMs: view.clockOffsetMs,
            roundTripMs: view.roundTripMs,
            storage: disk.status?.word
        )
    }

    private func alarm(_ error: SyncError, phase: AgentSync.Phase) {
        let isSuspended = if case .suspended = phase { true } else { false }
        let isNew = board.current.alarm != error.code
        board.update {
            $0.alarm = error.code
            $0.isSuspended = isSuspended
        }
        guard isNew else { return }
        logger.log(
            level: isSuspended ? .error : .warning,
            "sync is held up",
            metadata: ["code": "\(error.code)", "suspended": "\(isSuspended)"]
        )
    }

    private func enforceRevocation() async throws {
        guard let agent = board.current.identity?.agent,
            try await revocation.enforce(as: agent)
        else { return }
        logger.error("the Hub has revoked this PC: capture ends")
        throw RestartForRevocation(isRevoked: true)
    }

    private func calm() {
        guard board.current.alarm != nil else { return }
        board.update {
            $0.alarm = nil
            $0.isSuspended = false
        }
        logger.notice("sync goes on")
    }
}

extension AgentSync.Effect {
    /// What goes on while the verdicts of the push before reach the disk.
    fileprivate var goesOnMeanwhile: Bool {
        switch self {
        case .load, .push: true
        default: false
        }
    }
}
