import Shared
import Sync

/// What the effects of `AgentSync` do at the PC, as `PushDriver` and `SyncStore` do it.
extension PushLoop {
    func openSession(_ done: @escaping (AgentSync.Event?) -> Void) {
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
    func hear(_ done: @escaping (AgentSync.Event?) -> Void) {
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

    func rewind(
        to sequence: Int64,
        _ chain: Digest256,
        _ done: @escaping (AgentSync.Event?) -> Void
    ) {
        let marksNothing = world.bug == .rewindMarksNothing
        var divergence: EpochReason?
        agent.commit { image in
            divergence = image.divergence(from: chain, at: sequence)
            guard divergence == nil else { return }
            for index in image.place(of: sequence + 1)..<image.operations.count
            where !marksNothing {
                image.operations[index].outcome = nil
                image.operations[index].settledAt = nil
            }
            image.acknowledged = sequence
            image.acknowledgedChain = chain
        } then: { [self] in
            if let divergence { return done(.diverged(divergence)) }
            world.reached(.hubRewindRepaired)
            world.note(agent.index, "rewound", sequence)
            done(.rewound(acknowledged: sequence, chain: chain))
        }
    }

    /// The run of waiting operations behind `after`; nil where none waits there.
    func gather(after: Int64, chain: Digest256, limit: Int) throws(SyncError) -> Push? {
        let image = agent.disk.image
        var stored: [AgentImage.Stored] = []
        for candidate in image.operations[image.place(of: after + 1)...]
        where candidate.outcome == nil {
            guard stored.count < limit else { break }
            stored.append(candidate)
        }
        guard let first = stored.first, let last = stored.last else { return nil }
        guard first.operation.sequence == after + 1 else { throw .fork(at: after) }
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

    func send(_ push: Push, _ done: @escaping (AgentSync.Event?) -> Void) {
        let account = agent.account
        world.note(agent.index, "push", push.header.base, Int64(push.header.count))
        take(push, done) { hub, answer in hub.take(push, from: account, answer) }
    }

    /// Sends the one operation that no push could carry for itself.
    func isolate(
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

    func upload(
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

    /// While more waits, the nonce at once, and the verdicts while the next push is on its way.
    func settle(_ reply: PushReply, _ done: @escaping (AgentSync.Event?) -> Void) {
        defer { push = nil }
        guard let settled = push, let last = settled.operations.last?.sequence,
            last < agent.disk.image.head
        else {
            return store(reply) { image in
                done(.settled(acknowledged: image.acknowledged, chain: image.acknowledgedChain))
            }
        }
        let countsAtOnce = world.bug == .positionBeforeVerdicts
        agent.commit { image in
            image.nonce = reply.nextNonce
            image.hub = reply.hub
            guard countsAtOnce else { return }
            image.acknowledged = last
            image.acknowledgedChain = settled.header.lastChain
        } then: { [self] in
            settleMeanwhile(reply)
            done(.settled(acknowledged: last, chain: settled.header.lastChain))
        }
    }

    /// Verdicts, nonce and position, in one transaction.
    func store(_ reply: PushReply, _ done: @escaping (AgentImage) -> Void) {
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
            for verdict in reply.verdicts { world.heard(verdict) }
            let image = agent.disk.image
            world.note(agent.index, "settled", image.acknowledged, image.head)
            world.oracle.checkSettled(marked.map(\.0), by: agent, lineage: lineage)
            done(image)
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
