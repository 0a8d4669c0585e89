import Sync

/// Those who do things to a clinic: power companies, administrators, and everybody at the Hub.
final class Operators {
    private let world: World
    private var scenario: Scenario { world.scenario }
    private var copies: [Int: [AgentImage]] = [:]

    init(world: World) {
        self.world = world
    }

    /// Plans the first of everything.
    func begin() {
        for fault in scenario.faults {
            plan(scenario.faultEvery) { [self] in strike(fault) }
        }
        plan(scenario.changeEvery) { [self] in change() }
        plan(12_000) { [self] in world.hub.backUp() }
        plan(10_000) { [self] in backUpAgents() }
        world.hub.backUp()
    }

    /// Repeats `action` in irregular intervals while there is trouble.
    private func plan(_ mean: Int64, _ action: @escaping () -> Void) {
        world.after(world.random.interval(mean: mean)) { [self] in
            guard world.isTroubled else { return }
            action()
            plan(mean, action)
        }
    }

    private func pick() -> SimAgent {
        let present = world.agents.filter { !$0.isRetired }
        return present[world.random.index(below: present.count)]
    }

    /// What administrators and clinicians do at the Hub, while it runs.
    private func change() {
        guard world.hub.isUp else { return }
        switch world.random.fraction() {
        case ..<0.5:
            world.hub.changeConfiguration()
            // Somebody who corrects what they have just saved.
            world.after(world.random.integer(in: 50...2000)) { [world] in
                if world.hub.isUp { world.hub.changeConfiguration() }
            }
        case ..<0.9: world.hub.issueCommand(to: pick().account)
        default: world.hub.cancelCommand(of: pick().account)
        }
    }

    private func strike(_ fault: Fault) {
        world.note(-2, "fault", 0, 0, fault.rawValue)
        switch fault {
        case .powerCut: crash(isPowerCut: true)
        case .kill: crash(isPowerCut: false)
        case .hubCrash:
            if world.random.chance(0.6) {
                world.hub.death = world.random.chance(0.5) ? .beforeCommit : .beforeReply
            } else {
                stopHub {}
            }
        case .partition: cut(.refused, .partitioned)
        case .halfOpen: cut(.stalled, .halfOpen)
        case .swizzle: swizzle()
        case .diskFull: fillDisk()
        case .clockJump: setClock()
        case .clockFreeze: stopClock()
        case .hubClock: setHubClock()
        case .hubSick: sicken()
        case .revoke: revoke()
        case .hubRestore: restoreHub()
        case .hubRollback: rollHubBack()
        case .hubRestoreOld: restoreHub(isOld: true)
        case .agentRestore: restoreAgent(isLive: false)
        case .agentRollback: restoreAgent(isLive: true)
        case .storeLost: loseStore()
        case .clone: clone()
        case .hubVersion: world.hub.version = 3 - world.hub.version
        }
    }

    private func backUpAgents() {
        for agent in world.agents where !agent.isRetired && agent.disk.image.epoch > 0 {
            copies[agent.index, default: []].append(agent.disk.image)
            if copies[agent.index, default: []].count > 8 { copies[agent.index]?.removeFirst() }
        }
    }

    /// An older copy of a PC's database takes its place; live, of the whole machine.
    private func restoreAgent(isLive: Bool) {
        let agent = pick()
        // A copy from before the PC was enrolled anew is another PC's.
        let usable = (copies[agent.index] ?? []).filter { $0.account == agent.account }
        guard !usable.isEmpty else { return }
        world.reached(isLive ? .agentRolledBack : .agentRestored)
        agent.replaceStore(with: usable[world.random.index(below: usable.count)], isLive: isLive)
        if !isLive { world.after(world.random.integer(in: 500...20_000)) { agent.boot() } }
    }

    /// A PC's database is damaged: it is set aside, and what can be read of it comes back later.
    private func loseStore() {
        let agent = pick()
        let lost = agent.disk.image
        var image = AgentImage(
            store: world.identifier(at: agent.time),
            account: agent.account
        )
        image.epoch = 0
        image.cause = .storeLost
        world.reached(.storeLost)
        let isSalvaged = world.random.chance(0.7)
        if isSalvaged { image.append(lost.all.map(\.operation)) }
        agent.replaceStore(with: image, isLive: false)
        copies[agent.index] = nil
        world.after(world.random.integer(in: 500...20_000)) { agent.boot() }
    }

    /// A PC's disk is copied; sometimes because the PC is replaced.
    private func clone() {
        guard world.agents.count < 6 else { return }
        let original = pick()
        guard original.disk.image.account == original.account else { return }
        let copy = SimAgent(
            copyOf: original,
            index: world.agents.count,
            isSameMachine: world.random.chance(0.4)
        )
        world.reached(.cloned)
        world.oracle.isCopied(original.account)
        world.note(copy.index, "copied", Int64(original.index))
        if world.random.chance(0.3) { original.retire() }
        world.add(copy)
    }

    private func crash(isPowerCut: Bool) {
        let agent = pick()
        let crash = { [world] in
            agent.crash(isPowerCut: isPowerCut)
            world.after(world.random.integer(in: 1000...30_000)) { agent.boot() }
        }
        switch world.random.fraction() {
        case ..<0.5: agent.disk.interruption = crash
        case ..<0.7: agent.diesAfterPlacing = true
        default: crash()
        }
    }

    private func stopHub(_ meanwhile: @escaping () -> Void) {
        let hub = world.hub
        hub.crash()
        world.after(world.random.integer(in: 500...20_000)) {
            // Two who stop it at once start it once.
            guard !hub.isUp else { return }
            meanwhile()
            hub.boot()
        }
    }

    private func cut(_ link: SimNetwork.Link, _ mark: Mark) {
        let agent = pick().index
        world.reached(mark)
        world.network.set(link, of: agent)
        world.after(world.random.integer(in: 1000...90_000)) { [world] in
            if world.isTroubled { world.network.set(.open, of: agent) }
        }
    }

    private func swizzle() {
        world.reached(.swizzled)
        for agent in world.agents {
            world.after(world.random.integer(in: 0...10_000)) { [world] in
                if world.isTroubled { world.network.set(.stalled, of: agent.index) }
            }
            world.after(world.random.integer(in: 10_000...40_000)) { [world] in
                if world.isTroubled { world.network.set(.open, of: agent.index) }
            }
        }
    }

    private func fillDisk() {
        let agent = pick()
        agent.disk.isFull = true
        world.after(world.random.integer(in: 1000...20_000)) { agent.disk.isFull = false }
    }

    private func setClock() {
        let year: Int64 = 365 * 86_400_000
        world.reached(.clockJumped)
        pick().clock.jump(
            by: world.random.chance(0.5)
                ? world.random.integer(in: -year...year)
                : world.random.integer(in: -100_000...100_000)
        )
    }

    private func setHubClock() {
        let year: Int64 = 365 * 86_400_000
        world.reached(.hubClockJumped)
        let hub = world.hub
        hub.clockOffset = world.random.integer(in: -year...year)
        world.after(world.random.integer(in: 1000...90_000)) { hub.clockOffset = 0 }
    }

    /// A PC is stolen, or thought to be; most come back and are enrolled as Agents of their own.
    private func revoke() {
        let account = pick().account
        guard world.hub.isUp, world.hub.image.agents[account]?.isRevoked == false else { return }
        world.hub.image.agents[account]?.isRevoked = true
        world.note(-1, "revokes", Int64(account))
        guard world.random.chance(0.7) else { return }
        world.after(world.random.integer(in: 5000...World.reenrolment)) { [self] in
            enrolAgain(account)
        }
    }

    private func enrolAgain(_ account: Int) {
        guard world.hub.isUp else {
            return world.after(1000) { [self] in enrolAgain(account) }
        }
        for agent in world.agents where agent.account == account && !agent.isRetired {
            let new = world.nextAccount()
            world.hub.image.agents[new] = HubImage.Agent()
            world.note(agent.index, "enrolled again", Int64(new))
            agent.enrolAgain(as: new)
        }
    }

    private func stopClock() {
        let agent = pick()
        world.reached(.clockFrozen)
        agent.clock.freeze(at: world.now)
        world.after(world.random.integer(in: 1000...60_000)) { [world] in
            agent.clock.thaw(at: world.now)
        }
    }

    private func sicken() {
        let hub = world.hub
        hub.sickness =
            world.random.chance(0.5)
            ? .busy(retryAfterSeconds: Int(world.random.integer(in: 1...10)))
            : .failed(status: 500)
        world.after(world.random.integer(in: 1000...15_000)) { hub.sickness = nil }
    }

    /// A backup that lies within what the Agents keep; an old one lies beyond.
    private func backup(isOld: Bool) -> (time: Int64, image: HubImage)? {
        let hub = world.hub
        let usable = hub.backups.filter {
            // Who was enrolled since has to be enrolled again, by hand.
            $0.image.agents.count == hub.image.agents.count
                && (isOld || world.now - $0.time < scenario.retention / 2)
        }
        guard !usable.isEmpty else { return nil }
        return isOld ? usable[0] : usable[world.random.index(below: usable.count)]
    }

    private func restoreHub(isOld: Bool = false) {
        stopHub { [self] in
            guard let backup = backup(isOld: isOld) else { return }
            world.reached(.hubRestored)
            world.hub.restore(backup)
        }
    }

    private func rollHubBack() {
        guard world.hub.isUp, let backup = backup(isOld: false) else { return }
        world.reached(.hubRolledBack)
        world.hub.restore(backup)
    }
}
