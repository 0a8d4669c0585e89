import Shared
import Sync

/// What `PushDriver` does around `AgentSync`, in virtual time: a doorbell, a deadline, and the
/// machine's effects one at a time.
final class PushLoop {
    let agent: SimAgent
    var world: World { agent.world }
    private(set) var machine: AgentSync
    private var push: Push?
    /// What the Hub was found to have, while an epoch begins.
    var known: Set<Identifier> = []
    /// The Hub's clock in the last session, and the world's.
    private(set) var serverTime = Instant(milliseconds: 0)
    private(set) var heardInTruth: Int64 = 0
    /// The world's, not the Agent's: which history the last answer was about.
    var lineage = 0
    /// The world's time of the last push's commit.
    private var pushedInTruth: Int64 = 0
    private var wait: Int64?
    private var deadline: Int64
    private(set) var isEnded = false
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

    func end() { isEnded = true }

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
        execute(effect) { [self] result in
            guard !isEnded else { return }
            if let result {
                run(machine.handle(result)[...], then: then)
            } else {
                run(effects.dropFirst(), then: then)
            }
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
            push = gather(after: after, chain: chain, limit: limit)
            done(.loaded(push != nil, count: push?.operations.count))
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

// MARK: - The effects

extension PushLoop {
    private func openSession(_ done: @escaping (AgentSync.Event?) -> Void) {
        let ledger = machine.ledger
        let request = SessionRequest(
            epoch: ledger.epoch,
            head: ledger.head,
            acknowledged: ledger.acknowledged,
            acknowledgedChain: ledger.acknowledgedChain,
            nonce: ledger.nonce,
            workstation: "pc",
            condition: .simulated,
            installation: agent.installation,
            suspicion: agent.suspicion,
            retainedSince: nil,
            fence: agent.disk.image.fence
        )
        let account = agent.account
        world.network.request(from: agent.index) { hub, answer in
            hub.openSession(request, from: account, answer)
        } answer: { [self] (result: Result<Served<SessionReply>, SyncError>) in
            guard !isEnded else { return }
            switch result {
            case .success(let served):
                serverTime = served.reply.serverTime
                heardInTruth = served.time
                done(.sessionOpened(served.reply))
            case .failure(let error): done(failed(error))
            }
        }
    }

    /// The Hub is in step: retention counts on.
    private func hear(_ done: @escaping (AgentSync.Event?) -> Void) {
        let (hub, own) = (serverTime, Instant(milliseconds: agent.time))
        let wasRevoked = agent.disk.image.isRevoked
        agent.commit { image in
            var clock = image.retention ?? RetentionClock(hub: hub, own: own)
            clock.hear(hub: hub, own: own)
            image.retention = clock
            image.isRevoked = false
        } then: { [world] in
            if wasRevoked { world.reached(.takenAgain) }
            done(nil)
        }
    }

    private func rewind(
        to sequence: Int64,
        _ chain: Digest256,
        _ done: @escaping (AgentSync.Event?) -> Void
    ) {
        let image = agent.disk.image
        let held = Int64(image.operations.count - image.place(of: sequence + 1))
        guard held == image.head - sequence else { return done(.diverged(.hole)) }
        guard image.hasChain(chain, at: sequence) else { return done(.diverged(.forked)) }
        let marksNothing = world.bug == .rewindMarksNothing
        agent.commit { image in
            for index in image.place(of: sequence + 1)..<image.operations.count
            where !marksNothing {
                image.operations[index].outcome = nil
                image.operations[index].settledAt = nil
            }
            image.acknowledged = sequence
            image.acknowledgedChain = chain
        } then: { [self] in
            world.reached(.hubRewindRepaired)
            world.note(agent.index, "rewound", sequence)
            done(.rewound(acknowledged: sequence, chain: chain))
        }
    }

    /// The run of waiting operations behind `after`; nil where none waits there.
    private func gather(after: Int64, chain: Digest256, limit: Int) -> Push? {
        let image = agent.disk.image
        var stored: [AgentImage.Stored] = []
        for candidate in image.operations[image.place(of: after + 1)...]
        where candidate.outcome == nil {
            guard stored.count < limit else { break }
            stored.append(candidate)
        }
        guard let first = stored.first, let last = stored.last else { return nil }
        guard first.operation.sequence == after + 1 else { return nil }
        return Push(
            header: PushHeader(
                requestId: world.identifier(at: agent.time),
                epoch: first.epoch,
                base: first.operation.sequence,
                count: stored.count,
                previousChain: chain,
                lastChain: last.chain,
                nonce: nil,
                condition: .simulated
            ),
            operations: stored.map(\.operation)
        )
    }

    private func send(_ push: Push, _ done: @escaping (AgentSync.Event?) -> Void) {
        let account = agent.account
        world.note(agent.index, "push", push.header.base, Int64(push.header.count))
        take(push, done) { hub, answer in hub.take(push, from: account, answer) }
    }

    /// Sends the one operation that no push could carry for itself.
    private func isolate(
        _ push: Push,
        _ error: SyncError,
        isWithheld: Bool,
        _ done: @escaping (AgentSync.Event?) -> Void
    ) {
        guard let operation = push.operations.first, push.operations.count == 1 else {
            return done(failed(.garbage))
        }
        let account = agent.account
        let isolated = IsolatedOperation(
            header: IsolatedHeader(
                operation,
                of: push.header,
                reason: error.code,
                isWithheld: isWithheld
            ),
            payload: isWithheld ? nil : operation.payload
        )
        world.note(agent.index, "isolated", operation.sequence, isWithheld ? 1 : 0)
        world.reached(isWithheld ? .operationWithheld : .operationIsolated)
        take(push, done) { hub, answer in hub.take(isolated, from: account, answer) }
    }

    private func take(
        _ push: Push,
        _ done: @escaping (AgentSync.Event?) -> Void,
        _ serve:
            @escaping (SimHub, @escaping (Result<Served<PushReply>, SyncError>) -> Void) -> Void
    ) {
        world.network.request(from: agent.index, serve) { [self] result in
            guard !isEnded else { return }
            switch result {
            case .success(let served):
                guard
                    served.reply.verdicts.map(\.sequence) == push.operations.map(\.sequence)
                else { return done(failed(.garbage)) }
                lineage = served.lineage
                pushedInTruth = served.time
                done(.pushed(served.reply))
            case .failure(let error):
                if error == .tooLarge, push.operations.count > 1 { world.reached(.batchHalved) }
                done(failed(error))
            }
        }
    }

    private func upload(
        _ digests: ArraySlice<Digest256>,
        _ done: @escaping (AgentSync.Event?) -> Void
    ) {
        guard let digest = digests.first else { return done(.uploaded) }
        let index = agent.index
        world.network.request(from: index) { hub, answer in
            hub.upload(digest, answer)
        } answer: { [self] (result: Result<Void, SyncError>) in
            guard !isEnded else { return }
            switch result {
            case .success: upload(digests.dropFirst(), done)
            case .failure(let error): done(failed(error))
            }
        }
    }

    /// Verdicts, nonce and position, in one transaction.
    private func settle(_ reply: PushReply, _ done: @escaping (AgentSync.Event?) -> Void) {
        let (hub, own) = (reply.serverTime, Instant(milliseconds: agent.time))
        let truth = pushedInTruth
        let lineage = lineage
        var sequences = reply.verdicts.map { ($0.sequence, $0.outcome) }
        if world.bug == .verdictMarksNext, let last = sequences.last {
            sequences.append((last.0 + 1, .applied))
        }
        let marked = sequences
        let withheld = Set(reply.verdicts.filter { $0.code == "withheld" }.map(\.sequence))
        agent.commit { image in
            let now = image.retentionTime(hub: hub, own: own)
            for (sequence, outcome) in marked {
                guard let index = image.index(of: sequence), image.operations[index].outcome == nil
                else { continue }
                image.operations[index].outcome = outcome
                // What the Hub has only the place of stays here.
                guard !withheld.contains(sequence) else { continue }
                image.operations[index].settledAt = now
                image.operations[index].settledInTruth = truth
            }
            if let last = marked.last?.0, last > image.acknowledged,
                let chain = image.chain(at: last)
            {
                image.acknowledged = last
                image.acknowledgedChain = chain
            }
            image.nonce = reply.nextNonce
            image.hub = reply.hub
        } then: { [self] in
            push = nil
            for verdict in reply.verdicts { world.heard(verdict) }
            let image = agent.disk.image
            world.note(agent.index, "settled", image.acknowledged, image.head)
            world.oracle.checkSettled(marked.map(\.0), by: agent, lineage: lineage)
            done(
                .settled(acknowledged: image.acknowledged, chain: image.acknowledgedChain)
            )
        }
    }
}

extension AgentCondition {
    /// What no simulated Hub looks at.
    fileprivate static let simulated = AgentCondition(
        software: "sim",
        pending: 0,
        oldestPendingAt: nil,
        clockOffsetMs: nil,
        roundTripMs: nil
    )
}

extension World {
    /// Notes an error that an Agent met.
    func met(_ error: SyncError) {
        switch error {
        case .busy: reached(.errorBusy)
        case .cloneSuspect: reached(.errorCloneSuspect)
        case .contentMissing: reached(.errorContentMissing)
        case .epochClosed: reached(.errorEpochClosed)
        case .fork: reached(.errorFork)
        case .garbage: reached(.errorGarbage)
        case .malformed: reached(.errorMalformed)
        case .tooLarge: reached(.errorTooLarge)
        case .unreachable: reached(.errorUnreachable)
        case .failed: reached(.errorFailed)
        default: break
        }
    }

    /// Notes why an epoch began.
    func began(_ reason: EpochReason) {
        switch reason {
        case .rewound: reached(.epochRewound)
        case .forked: reached(.epochForked)
        case .cloned: reached(.epochCloned)
        case .storeLost: reached(.epochStoreLost)
        case .hole: reached(.epochHole)
        case .hubRestored: reached(.epochHubRestored)
        case .enrolled, .manual: break
        }
    }

    /// Notes what became of an operation.
    func heard(_ verdict: Verdict) {
        switch (verdict.outcome, verdict.code) {
        case (.applied, _): reached(.verdictApplied)
        case (.duplicate, _): reached(.verdictDuplicate)
        case (.quarantined, "kindUnknown"): reached(.quarantinedUnknownKind)
        case (.quarantined, "versionUnknown"): reached(.quarantinedUnknownVersion)
        case (.quarantined, "unstorable"): reached(.quarantinedUnstorable)
        case (.quarantined, _): reached(.quarantinedMalformed)
        }
    }
}
