import Shared
import Sync

/// What the driver does where two logs do not fit.
extension PushLoop {
    /// Identifiers in a page: few, so that there are pages.
    private static let page = 30

    func openEpoch(_ reason: EpochReason, _ done: @escaping (AgentSync.Event?) -> Void) {
        agent.commit {
            $0.retention?.isInStep = false
        } then: { [self] in
            ask(reason, done)
        }
    }

    private func ask(_ reason: EpochReason, _ done: @escaping (AgentSync.Event?) -> Void) {
        let image = agent.disk.image
        let ledger = machine.ledger
        let request = EpochRequest(
            epoch: ledger.epoch,
            head: image.head,
            headChain: image.headChain,
            acknowledged: ledger.acknowledged,
            acknowledgedChain: ledger.acknowledgedChain,
            reason: reason,
            // What another Agent's store removed is nothing of this one's.
            removed: image.account == agent.account ? image.removed : [],
            nonce: ledger.nonce,
            installation: agent.installation
        )
        let account = agent.account
        world.note(agent.index, "asks for an epoch", Int64(ledger.epoch), 0, reason.rawValue)
        call(done, { hub, answer in hub.openEpoch(request, from: account, answer) }) {
            [world] (reply: EpochReply) in
            world.began(reply.reason)
            if !reply.holes.isEmpty { world.reached(.holeListed) }
            return .epochOpened(reply)
        }
    }

    /// Asks for a page of identifiers, in the order of their places.
    func compare(after place: Int64, _ done: @escaping (AgentSync.Event?) -> Void) {
        if place == 0 {
            known = []
            lineage = world.hub.lineage
        }
        let held = agent.disk.image.all.filter { $0.place > place }
            .sorted { $0.place < $1.place }
        let page = held.prefix(Self.page)
        let ids = page.map(\.operation.id)
        guard let last = page.last else { return done(.compared(next: nil)) }
        let more = held.count > page.count
        if more { world.reached(.comparedInPages) }
        let account = agent.account
        call(done, { hub, answer in hub.missing(ids, from: account, answer) }) {
            [self] (missing: Set<Identifier>) in
            known.formUnion(ids.filter { !missing.contains($0) })
            return .compared(next: more ? last.place : nil)
        }
    }

    func renumber(_ reply: EpochReply, _ done: @escaping (AgentSync.Event?) -> Void) {
        let known = known
        let account = agent.account
        let lineage = lineage
        let (hub, own) = (serverTime, Instant(milliseconds: agent.time))
        let truth = heardInTruth
        let changesIdentifiers = world.bug == .renumberingChangesIdentifiers
        var fresh: [Identifier] = []
        if changesIdentifiers {
            fresh = agent.disk.image.all.map { _ in world.identifier(at: agent.time) }
        }
        agent.commit { image in
            let now = image.retentionTime(hub: hub, own: own)
            image.renumber(reply, account: account, known: known, at: now, truth: truth)
            for index in image.operations.indices where index < fresh.count {
                image.operations[index].operation.id = fresh[index]
            }
            if changesIdentifiers { image.linkAnew() }
        } then: { [self] in
            let image = agent.disk.image
            world.note(agent.index, "renumbered", Int64(image.epoch), image.head)
            world.oracle.checkKnown(known, by: agent, lineage: lineage)
            world.oracle.checkNothingLost()
            done(.renumbered(image.ledger(of: account)))
        }
    }

    func claim(_ done: @escaping (AgentSync.Event?) -> Void) {
        let pc = agent.index
        let installation = agent.installation
        let account = agent.account
        call(
            done,
            { hub, answer in
                hub.claim(pc, installation, of: account, answer)
            }
        ) { [self] (reply: (decision: ClaimReply.Decision, account: Int?)) in
            world.note(agent.index, "claimed", 0, 0, reply.decision.rawValue)
            if let account = reply.account {
                world.reached(.cloneApproved)
                agent.enrolAgain(as: account)
            }
            return .claimed(reply.decision)
        }
    }

    /// One request whose answer is one event.
    private func call<Reply>(
        _ done: @escaping (AgentSync.Event?) -> Void,
        _ serve: @escaping (SimHub, @escaping (Result<Reply, SyncError>) -> Void) -> Void,
        _ event: @escaping (Reply) -> AgentSync.Event
    ) {
        world.network.request(from: agent.index, serve) { [self] result in
            guard !isEnded else { return }
            switch result {
            case .success(let reply): done(event(reply))
            case .failure(let error): done(failed(error))
            }
        }
    }
}
