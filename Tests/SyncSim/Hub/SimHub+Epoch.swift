import Shared
import Sync

extension SimHub {
    /// The hour in which an Agent gets no more than so many epochs, in the time of a simulation.
    private static let hour: Int64 = 36_000

    /// Opens an epoch.
    func openEpoch(
        _ request: EpochRequest,
        from index: Int,
        _ answer: @escaping (Result<EpochReply, SyncError>) -> Void
    ) {
        transact(answer) { [self] image throws(SyncError) in
            var agent = try image.agent(index)
            let closing = agent.ledger.epoch
            let isThere =
                request.epoch == closing && request.acknowledged <= agent.ledger.applied
            var through: [Int: Int64] = [:]
            for span in request.removed {
                through[span.epoch] = Int64(agent.log(of: span.epoch).count)
            }
            let evidence = HubIntake.EpochEvidence(
                chainAtAcknowledged: isThere
                    ? image.chain(at: request.acknowledged, of: agent) : nil,
                through: through,
                openReason: agent.openReason,
                recent: agent.openedAt.count { world.now - $0 < Self.hour }
            )
            let opening = try HubIntake.openEpoch(
                request,
                &agent.ledger,
                evidence,
                nonce: makeNonce()
            )
            if !opening.isRepeated {
                agent.former[closing] = agent.log
                agent.log = []
                agent.openReason = opening.reason
                agent.openedAt.append(world.now)
                if world.bug != .holeNotListed { agent.holes.formUnion(opening.holes) }
                world.oracle.checkHoles(opening.holes, of: index, in: image)
            }
            image.agents[index] = agent
            world.note(-1, "epoch", Int64(index), Int64(opening.epoch), opening.reason.rawValue)
            return EpochReply(
                epoch: opening.epoch,
                reason: opening.reason,
                nonce: agent.ledger.nonce ?? "",
                hub: image.instance,
                holes: opening.holes
            )
        }
    }

    /// Those identifiers that the Hub has never had.
    func missing(
        _ ids: [Identifier],
        from index: Int,
        _ answer: @escaping (Result<Set<Identifier>, SyncError>) -> Void
    ) {
        transact(answer) { image throws(SyncError) in
            _ = try image.agent(index)
            return Set(ids.filter { !image.seen.contains($0) })
        }
    }

    /// A copy asks to be a PC of its own; a person decides.
    func claim(
        _ pc: Int,
        _ installation: Installation,
        of account: Int,
        _ answer:
            @escaping (Result<(decision: ClaimReply.Decision, account: Int?), SyncError>) -> Void
    ) {
        transact(answer) { [self] image throws(SyncError) in
            _ = try image.agent(account)
            // One that was approved before is an Agent of its own, and now a copy of that one.
            let isOld = image.claims[pc]?.account == account
            if isOld || image.claims[pc] == nil {
                image.claims[pc] = HubImage.Claim(decision: .waiting)
            }
            if image.claims[pc]?.decision == .waiting {
                world.after(world.random.integer(in: 2000...15_000)) { [self] in
                    decide(pc, of: account)
                }
            }
            let claim = image.claims[pc]
            if claim?.decision == .samePC { image.agents[account]?.ledger.speaker = nil }
            return (claim?.decision ?? .waiting, claim?.account)
        }
    }

    /// A PC whose original is gone for good takes its place; any other becomes one of its own.
    private func decide(_ pc: Int, of account: Int) {
        guard image.claims[pc]?.decision == .waiting else { return }
        let isAlone = !world.agents.contains {
            $0.index != pc && $0.account == account && !$0.isRetired
        }
        if isAlone {
            world.reached(.cloneReplaces)
            image.claims[pc] = HubImage.Claim(decision: .samePC)
        } else {
            let account = world.nextAccount()
            var row = HubImage.Agent()
            row.openReason = .cloned
            image.agents[account] = row
            image.claims[pc] = HubImage.Claim(decision: .approved, account: account)
        }
    }

    /// Notes what a session says of the Hub itself, as its recovery does.
    func note(
        _ standing: HubIntake.Standing,
        of request: SessionRequest,
        from index: Int,
        in image: inout HubImage
    ) {
        guard let ledger = image.agents[index]?.ledger else { return }
        if standing == .hubBehind, image.recoveringSince == nil {
            world.reached(.recoveryBegun)
            image.recoveringSince = time
            image.instance = world.identifier(at: time.milliseconds)
            image.complete = []
            image.heard = []
            image.fence = max(image.fence, request.fence ?? 0) + 1
        }
        guard let since = image.recoveringSince else { return }
        image.heard.insert(index)
        let isComplete = Recovery.isComplete(
            epoch: request.epoch,
            head: request.head,
            standing: standing,
            ledger
        )
        if isComplete { image.complete.insert(index) } else { image.complete.remove(index) }
        let recovery = Recovery(
            startedAt: since,
            agents: image.agents.filter { !$0.value.isRevoked }.keys.map {
                Recovery.Participant(
                    isHeard: image.heard.contains($0),
                    isComplete: image.complete.contains($0)
                )
            }
        )
        if recovery.isOver(at: time) {
            world.reached(.recoveryOver)
            image.recoveringSince = nil
        }
    }
}
