import Shared
import Sync

/// What `PushDriver` does around `AgentSync`, in virtual time: a doorbell, a deadline, and the
/// machine's effects one at a time.
final class PushLoop {
    let agent: SimAgent
    var world: World { agent.world }
    private(set) var machine: AgentSync
    var push: Push?
    /// What the Hub was found to have, while an epoch begins.
    var known: Set<Identifier> = []
    /// The Hub's clock in the last session, and the world's.
    var serverTime = Instant(milliseconds: 0)
    var heardInTruth: Int64 = 0
    /// The world's, not the Agent's: which history the last answer was about.
    var lineage = 0
    /// The world's time of the last push's commit.
    var pushedInTruth: Int64 = 0
    /// True while the verdicts of the push before are on their way to the disk.
    private var isSettling = false
    /// What has to wait for them.
    private var afterSettling: (() -> Void)?
    private var wait: Int64?
    private var deadline: Int64
    var isEnded = false
    private var isRung = false
    /// Rises with every wait; a timer of an older one does nothing.
    private var waits = 0
    private var isWaiting = false

    /// How long nothing may happen before the Agent looks again.
    static let reconcileInterval: Int64 = 60_000

    init(_ agent: SimAgent) {
        self.agent = agent
        machine = AgentSync(
            ledger: agent.disk.image.ledger(
                of: agent.account,
                isMoved: agent.suspicion == .machineChanged
            )
        )
        deadline = agent.world.now
    }

    func start() { waitForBell() }

    func end() {
        isEnded = true
        if isSettling { world.reached(.verdictsLost) }
    }

    /// The outbox has grown.
    func ring() {
        guard isWaiting, !isEnded else {
            isRung = true
            return
        }
        wake(isRung: true)
    }

    private func waitForBell() {
        guard !isEnded else { return }
        if isRung {
            isRung = false
            return wake(isRung: true)
        }
        isWaiting = true
        waits += 1
        let wait = waits
        if world.bug == .retryTimerForgotten, machine.phase == .waiting { return }
        world.after(deadline - world.now) { [self] in
            guard !isEnded, isWaiting, wait == waits else { return }
            wake(isRung: false)
        }
    }

    private func wake(isRung: Bool) {
        isWaiting = false
        var events: [AgentSync.Event] = [.appended(head: agent.disk.image.head)]
        if !isRung || machine.phase == .closed { events.append(.woke) }
        handle(events[...]) { [self] in
            if let wait {
                deadline = world.now + wait
                self.wait = nil
            } else if !isRung {
                deadline = world.now + Self.reconcileInterval
            }
            waitForBell()
        }
    }

    private func handle(_ events: ArraySlice<AgentSync.Event>, then: @escaping () -> Void) {
        guard let event = events.first else { return then() }
        run(machine.handle(event)[...]) { [self] in handle(events.dropFirst(), then: then) }
    }

    private func run(_ effects: ArraySlice<AgentSync.Effect>, then: @escaping () -> Void) {
        guard !isEnded else { return }
        guard let effect = effects.first else { return then() }
        guard effect.goesOnMeanwhile || !isSettling else {
            world.reached(.verdictsWaitedFor)
            afterSettling = { [self] in run(effects, then: then) }
            return
        }
        execute(effect) { [self] result in
            guard !isEnded else { return }
            if let result {
                run(machine.handle(result)[...], then: then)
            } else {
                run(effects.dropFirst(), then: then)
            }
        }
    }

    /// The verdicts of a push go to the disk while what comes next goes on.
    func settleMeanwhile(_ reply: PushReply) {
        isSettling = true
        world.reached(.verdictsStoredMeanwhile)
        store(reply) { [self] _ in
            isSettling = false
            guard !isEnded else { return }
            let next = afterSettling
            afterSettling = nil
            next?()
        }
    }

    private func execute(
        _ effect: AgentSync.Effect,
        _ done: @escaping (AgentSync.Event?) -> Void
    ) {
        switch effect {
        case .openSession: openSession(done)
        case .remember(let nonce, let hub):
            agent.commit {
                $0.nonce = nonce
                $0.hub = hub
            } then: {
                done(nil)
            }
        case .rewind(let sequence, let chain): rewind(to: sequence, chain, done)
        case .openEpoch(let reason): openEpoch(reason, done)
        case .compare(let place): compare(after: place, done)
        case .renumber(let reply): renumber(reply, done)
        case .claim: claim(done)
        case .load(let after, let chain, let limit):
            do throws(SyncError) {
                push = try gather(after: after, chain: chain, limit: limit)
                done(.loaded(push != nil, count: push?.operations.count))
            } catch {
                done(failed(error))
            }
        case .push(let nonce):
            guard var push else { return done(.loaded(false)) }
            push.header.nonce = nonce
            send(push, done)
        case .isolate(let nonce, let error, let isWithheld):
            guard var push else { return done(.loaded(false)) }
            push.header.nonce = nonce
            isolate(push, error, isWithheld: isWithheld, done)
        case .upload(let digests): upload(digests[...], done)
        case .settle(let reply): settle(reply, done)
        case .wait(let milliseconds):
            wait = milliseconds
            done(nil)
        case .alarm(let error):
            world.note(agent.index, "alarm", 0, 0, error.code)
            if error == .revoked { agent.enforceRevocation() }
            done(nil)
        case .calm: hear(done)
        }
    }

    func failed(_ error: SyncError) -> AgentSync.Event {
        world.met(error)
        world.note(agent.index, "failed", 0, 0, "\(error)")
        return .failed(error, jitter: world.random.fraction())
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
