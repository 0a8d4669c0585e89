import Shared
import Sync

/// What `DeliveryService` does with commands: persist, then act, once; and tell what came of it.
///
/// A file is complete beside its place before the store notes that it may be in it; then it is
/// renamed. After a crash the name beside the place tells which of the two happened.
final class DeliveryLoop {
    private let agent: SimAgent
    private var world: World { agent.world }
    private var isEnded = false
    private var isBusy = false
    private var isRung = false

    init(_ agent: SimAgent) {
        self.agent = agent
    }

    func start() {
        if world.bug == .commandDeliveredAgain {
            // As if nothing had been begun before the crash.
            for command in agent.disk.image.commands where command.state == .placing {
                agent.prepared.insert(command.id)
            }
        }
        look()
    }

    func end() { isEnded = true }

    /// Something has come.
    func ring() {
        guard !isBusy else {
            isRung = true
            return
        }
        look()
    }

    /// Looks at the oldest command that is not over.
    private func look() {
        guard !isEnded, !isBusy else { return }
        isRung = false
        guard let command = agent.disk.image.commands.first(where: { !$0.isOver }) else { return }
        isBusy = true
        // A share may be away; the device's own time passes as well.
        let isAway = world.isTroubled && world.random.chance(0.2)
        agent.after(isAway ? world.random.integer(in: 1000...30_000) : 20) { [self] in
            decide(command.id)
        }
    }

    private func next() {
        isBusy = false
        agent.after(isRung ? 0 : 10) { [self] in look() }
    }

    private func decide(_ id: Identifier) {
        let image = agent.disk.image
        guard let index = image.command(id), !image.commands[index].isOver else { return next() }
        let command = image.commands[index]
        let now = Instant(milliseconds: agent.time + command.clockOffset)
        let isLate = now >= command.expiresAt
        switch command.state {
        case .placing where isLate || command.isCancelled: findOut(command)
        case .placing: place(command)
        case .received where command.isCancelled: settle(command, as: .cancelled)
        case .received where isLate: settle(command, as: .expired)
        case .received where command.fence < image.fence: settle(command, as: .refused)
        case .received: prepare(command)
        case .settled: next()
        }
    }

    private func prepare(_ command: AgentImage.StoredCommand) {
        agent.prepared.insert(command.id)
        var isClaimed = false
        agent.commit { image in
            guard let index = image.command(command.id), !image.commands[index].isOver,
                !image.commands[index].isCancelled
            else { return }
            image.commands[index].state = .placing
            isClaimed = true
        } then: { [self] in
            guard isClaimed else { return next() }
            agent.after(world.random.integer(in: 1...50)) { [self] in place(command) }
        }
    }

    private func place(_ command: AgentImage.StoredCommand) {
        if agent.prepared.remove(command.id) != nil {
            world.note(agent.index, "placed", command.position)
            world.oracle.acted(on: command.id, by: agent.index)
            if agent.diesAfterPlacing {
                agent.diesAfterPlacing = false
                agent.crash(isPowerCut: true)
                let delay = world.random.integer(in: 1000...120_000)
                return world.after(delay) { [agent] in agent.boot() }
            }
        }
        agent.after(world.random.integer(in: 1...50)) { [self] in
            settle(command, as: .delivered)
        }
    }

    private func findOut(_ command: AgentImage.StoredCommand) {
        world.reached(.commandFoundOut)
        let isUntouched = agent.prepared.remove(command.id) != nil
        settle(
            command,
            as: !isUntouched ? .delivered : command.isCancelled ? .cancelled : .expired
        )
    }

    private func settle(_ command: AgentImage.StoredCommand, as state: CommandFact.State) {
        let operation = SimFact.command(command.id, state)
            .operation(id: world.identifier(at: agent.time), at: agent.time)
        var isSettled = false
        agent.commit { image in
            guard let index = image.command(command.id), !image.commands[index].isOver else {
                return
            }
            image.commands[index].state = .settled(state)
            image.append([operation])
            isSettled = true
        } then: { [self] in
            if isSettled {
                world.note(agent.index, "command over", command.position, 0, state.rawValue)
                switch state {
                case .delivered: world.reached(.commandDelivered)
                case .expired: world.reached(.commandExpired)
                case .cancelled: world.reached(.commandCancelled)
                default: break
                }
                world.oracle.keep([operation])
                agent.push?.ring()
            }
            next()
        }
    }
}
