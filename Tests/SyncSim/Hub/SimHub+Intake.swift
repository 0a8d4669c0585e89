import Shared
import Sync

extension SimHub {
    /// What a push may weigh, and an operation for itself: small stand-ins for the protocol's.
    private static let heaviestPush = 150
    private static let heaviestOperation = 200

    /// Opens a session, as `SessionIntake` does.
    func openSession(
        _ request: SessionRequest,
        from index: Int,
        _ answer: @escaping (Result<Served<SessionReply>, SyncError>) -> Void
    ) {
        transact(answer) { [self] image throws(SyncError) in
            var agent = try image.agent(index)
            if world.bug == .nonceNotChecked { agent.ledger.speaker = nil }
            let standing = try HubIntake.open(
                request,
                &agent.ledger,
                nonce: makeNonce(),
                now: time
            )
            image.agents[index] = agent
            note(standing, of: request, from: index, in: &image)
            world.note(-1, "session", Int64(index), agent.ledger.applied)
            let isThere =
                request.epoch == agent.ledger.epoch
                && request.acknowledged <= agent.ledger.applied
            return served(
                SessionReply(
                    agent: image.instance,
                    epoch: agent.ledger.epoch,
                    appliedThrough: agent.ledger.applied,
                    chain: agent.ledger.chain,
                    chainAtAcknowledged: isThere
                        ? image.chain(at: request.acknowledged, of: agent) : nil,
                    nonce: agent.ledger.nonce ?? "",
                    hub: image.instance,
                    serverTime: time,
                    flow: Flow()
                )
            )
        }
    }

    /// Takes a push, as `PushIntake` does.
    func take(
        _ push: Push,
        from index: Int,
        _ answer: @escaping (Result<Served<PushReply>, SyncError>) -> Void
    ) {
        if SimFact.weight(of: push.operations) > Self.heaviestPush {
            return answer(.failure(.tooLarge))
        }
        transact(answer) { [self] image throws(SyncError) in
            let agent = try image.agent(index)
            var admission = try HubIntake.judge(
                push,
                ledger: forgiving(agent.ledger, push),
                chainBeforeBase: image.chain(at: push.header.base - 1, of: agent)
            )
            if world.bug == .repeatedPushStoredAgain {
                admission.new = admission.known + admission.new
                admission.newLinks = admission.knownLinks + admission.newLinks
                admission.known = []
                admission.knownLinks = []
            }
            var verdicts = try known(admission, agent)
            let new = try project(admission.new, into: &image)
            verdicts += new
            world.oracle.checkAppended(admission, to: agent)
            advance(index, by: admission, new, in: &image)
            let after = image.agents[index]?.ledger ?? HubLedger()
            world.note(-1, "took", Int64(index), after.applied)
            return served(
                PushReply(
                    appliedThrough: after.applied,
                    chain: after.chain,
                    verdicts: verdicts,
                    nextNonce: after.nonce ?? "",
                    hub: image.instance,
                    serverTime: time,
                    flow: Flow()
                )
            )
        }
    }

    /// Takes an operation that no push could carry, as `IsolatedIntake` does.
    func take(
        _ isolated: IsolatedOperation,
        from index: Int,
        _ answer: @escaping (Result<Served<PushReply>, SyncError>) -> Void
    ) {
        if let operation = isolated.operation,
            SimFact.weight(of: [operation]) > Self.heaviestOperation
        {
            return answer(.failure(.tooLarge))
        }
        transact(answer) { [self] image throws(SyncError) in
            let agent = try image.agent(index)
            let header = isolated.header
            let isNew = try HubIntake.judge(
                isolated,
                ledger: agent.ledger,
                chainBefore: image.chain(at: header.sequence - 1, of: agent)
            )
            let operation =
                isolated.operation
                ?? Operation(
                    sequence: header.sequence,
                    id: header.id,
                    kind: header.kind,
                    version: header.version,
                    createdAt: header.createdAt,
                    payload: []
                )
            let admission = Admission(
                known: isNew ? [] : [operation],
                knownLinks: isNew ? [] : [header.chain],
                new: isNew ? [operation] : [],
                newLinks: isNew ? [header.chain] : []
            )
            var verdicts = try known(admission, agent)
            if isNew, isolated.payload == nil {
                image.seen.insert(operation.id)
                image.quarantined.insert(operation.id)
                verdicts = [
                    Verdict(
                        sequence: operation.sequence,
                        outcome: .quarantined,
                        code: "withheld"
                    )
                ]
            } else if isNew {
                verdicts = try project([operation], into: &image)
            }
            advance(index, by: admission, isNew ? verdicts : [], in: &image)
            let after = image.agents[index]?.ledger ?? HubLedger()
            return served(
                PushReply(
                    appliedThrough: after.applied,
                    chain: after.chain,
                    verdicts: verdicts,
                    nextNonce: after.nonce ?? "",
                    hub: image.instance,
                    serverTime: time,
                    flow: Flow()
                )
            )
        }
    }

    /// Takes the bytes of a document ahead of its operation.
    func upload(_ digest: Digest256, _ answer: @escaping (Result<Void, SyncError>) -> Void) {
        transact(answer) { [self] image throws(SyncError) in
            image.uploads.insert(digest)
            world.reached(.documentUploaded)
        }
    }

    private func served<Reply>(_ reply: Reply) -> Served<Reply> {
        Served(reply: reply, lineage: lineage, time: world.now)
    }

    func makeNonce() -> String { String(world.random.next(), radix: 16) }

    private func forgiving(_ ledger: HubLedger, _ push: Push) -> HubLedger {
        guard world.bug == .nonceNotChecked else { return ledger }
        var ledger = ledger
        ledger.nonce = push.header.nonce
        return ledger
    }

    /// The verdicts that operations got when they came first.
    private func known(
        _ admission: Admission,
        _ agent: HubImage.Agent
    ) throws(SyncError) -> [Verdict] {
        var verdicts: [Verdict] = []
        for (operation, link) in zip(admission.known, admission.knownLinks) {
            guard operation.sequence <= agent.log.count else {
                throw .fork(at: operation.sequence)
            }
            let logged = agent.log[Int(operation.sequence) - 1]
            guard logged.chain == link else { throw .fork(at: operation.sequence) }
            let isQuarantined = logged.verdict.outcome == .quarantined
            verdicts.append(
                Verdict(
                    sequence: operation.sequence,
                    outcome: isQuarantined ? .quarantined : .duplicate,
                    code: logged.verdict.code
                )
            )
        }
        return verdicts
    }

    /// Shows what is new and can be shown; what cannot be waits for a person.
    private func project(
        _ operations: [Operation],
        into image: inout HubImage
    ) throws(SyncError) -> [Verdict] {
        let missing = operations.compactMap { SimFact($0.payload)?.content }
            .filter { !image.uploads.contains($0) }
        guard missing.isEmpty else { throw .contentMissing(missing) }
        var verdicts: [Verdict] = []
        for operation in operations {
            let isBlind =
                world.bug == .repeatedPushStoredAgain || world.bug == .identifiersNotCompared
            guard !image.seen.contains(operation.id) || isBlind else {
                verdicts.append(Verdict(sequence: operation.sequence, outcome: .duplicate))
                continue
            }
            image.seen.insert(operation.id)
            if let code = refusal(of: operation) {
                image.quarantined.insert(operation.id)
                verdicts.append(
                    Verdict(sequence: operation.sequence, outcome: .quarantined, code: code)
                )
                continue
            }
            world.oracle.checkShownOnce(operation, in: image)
            image.shown.insert(operation.id)
            if SimFact.isSealed(operation.payload) { world.reached(.leftoverShown) }
            if case .command(let id, let state) = SimFact(operation.payload) {
                note(state, of: id, in: &image)
            }
            verdicts.append(Verdict(sequence: operation.sequence, outcome: .applied))
        }
        return verdicts
    }

    private func refusal(of operation: Operation) -> String? {
        switch SimFact(operation.payload) {
        case nil, .malformed: "payloadMalformed"
        case .unknownKind: "kindUnknown"
        case .newerVersion: version < 2 ? "versionUnknown" : nil
        case .unstorable: "unstorable"
        case .reading, .document, .command: nil
        }
    }

    private func advance(
        _ index: Int,
        by admission: Admission,
        _ verdicts: [Verdict],
        in image: inout HubImage
    ) {
        var agent = image.agents[index] ?? HubImage.Agent()
        // The log is held twice otherwise, and copied whole.
        image.agents[index] = nil
        for ((operation, link), verdict) in zip(zip(admission.new, admission.newLinks), verdicts) {
            agent.log.append(
                HubImage.Logged(operation: operation, chain: link, verdict: verdict)
            )
        }
        agent.ledger.applied = admission.new.last?.sequence ?? agent.ledger.applied
        agent.ledger.chain = admission.newLinks.last ?? agent.ledger.chain
        agent.ledger.previousNonce = agent.ledger.nonce
        agent.ledger.nonce = makeNonce()
        image.agents[index] = agent
    }

    /// A state only moves on; with the outcome the command leaves its stream.
    private func note(
        _ state: CommandFact.State,
        of id: Identifier,
        in image: inout HubImage
    ) {
        guard var command = image.commands[id], !command.isAnswered else { return }
        command.state = state
        command.isAnswered = state != .received
        image.commands[id] = command
        guard command.isAnswered else { return }
        let stream = "work/\(command.agent)"
        let key = Command.keyPrefix + id.description
        guard image.streams[stream]?.rows[key]?.payload != nil else { return }
        image.streams[stream]?.write(key, nil, second: second)
        for agent in world.agents where agent.account == command.agent { hint(agent) }
    }

    /// True time in whole seconds: what a cursor by time would go by.
    var second: Int64 { world.now / 1000 }
}
