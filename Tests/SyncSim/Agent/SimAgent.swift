import Shared
import Sync

/// A PC with an Agent: its disk, its clock, its process, and the people who measure at it.
final class SimAgent {
    unowned let world: World
    /// The PC's place in the world.
    let index: Int
    /// What the Hub knows it by: its certificate, outside the database.
    private(set) var account: Int
    /// The state folder's, outside the database; a copied one is the same.
    let folder: Identifier
    /// What the hardware tells.
    private let machine: Digest256
    /// The process.
    private var process: Identifier
    /// What the folder remembers of its last start.
    private var lastMachine: Digest256
    private var lastStore: Identifier
    private(set) var suspicion: Suspicion?
    /// True once somebody has switched the PC off for good.
    private(set) var isRetired = false
    let disk: AgentDisk
    var clock: SimClock
    /// Whether the process runs.
    private(set) var isUp = false
    /// The device's folder: what is complete beside its place, and what was ever put in it.
    var prepared: Set<Identifier> = []
    /// Whether power goes between the next device's file and the note that it was written.
    var diesAfterPlacing = false
    private(set) var push: PushLoop?
    private(set) var pull: PullLoop?
    private(set) var delivery: DeliveryLoop?
    private var incarnation = 0

    /// A PC that was just set up.
    init(world: World, index: Int) {
        self.world = world
        self.index = index
        account = index
        folder = world.identifier(at: World.epoch)
        process = folder
        machine = Self.machine(index)
        lastMachine = machine
        let image = AgentImage(store: world.identifier(at: World.epoch), account: index)
        lastStore = image.store
        disk = AgentDisk(world: world, image: image)
        clock = Self.clock(of: world)
    }

    /// A copy of another PC's disk, in the same machine or in another one.
    init(copyOf other: SimAgent, index: Int, isSameMachine: Bool) {
        world = other.world
        self.index = index
        account = other.account
        folder = other.folder
        process = other.process
        machine = isSameMachine ? other.machine : Self.machine(index)
        lastMachine = other.lastMachine
        lastStore = other.lastStore
        disk = AgentDisk(world: world, image: other.disk.image)
        clock = Self.clock(of: world)
    }

    private static func machine(_ index: Int) -> Digest256 {
        Digest256(of: [UInt8(truncatingIfNeeded: index)])
    }

    private static func clock(of world: World) -> SimClock {
        SimClock(
            offset: world.random.integer(in: -3000...3000),
            drift: world.random.integer(in: -500...500)
        )
    }

    /// Who speaks for this PC.
    var installation: Installation {
        Installation(id: folder, machine: machine, store: disk.image.store, run: process)
    }

    /// The PC's clock, in ms since 1970.
    var time: Int64 { clock.reading(at: world.now) }

    /// Switches the PC on, and lets people measure.
    func begin() {
        boot()
        planMeasurement()
    }

    /// Starts the process.
    func boot() {
        guard !isUp, !isRetired else { return }
        isUp = true
        incarnation += 1
        process = world.identifier(at: time)
        if lastMachine != machine {
            suspicion = .machineChanged
        } else if disk.image.epoch == 0 {
            suspicion = .storeLost
        } else {
            suspicion = disk.image.store == lastStore ? nil : .storeReplaced
        }
        lastMachine = machine
        lastStore = disk.image.store
        world.note(index, "boot", disk.image.head, disk.image.acknowledged)
        push = PushLoop(self)
        pull = PullLoop(self)
        delivery = DeliveryLoop(self)
        push?.start()
        pull?.start()
        delivery?.start()
        planPurge()
    }

    /// Ends the process, or the whole PC.
    func crash(isPowerCut: Bool) {
        guard isUp else { return }
        world.note(index, isPowerCut ? "power cut" : "killed")
        end()
        disk.crash(isPowerCut: isPowerCut)
        world.oracle.checkNothingLost()
    }

    /// Ends what runs; nothing in hand goes on.
    func end() {
        isUp = false
        incarnation += 1
        push?.end()
        pull?.end()
        delivery?.end()
    }

    /// Runs `body` after `delay`, unless the process has ended by then.
    func after(_ delay: Int64, _ body: @escaping () -> Void) {
        let incarnation = incarnation
        world.after(delay) { [self] in
            if isUp, incarnation == self.incarnation { body() }
        }
    }

    /// Writes to the store and goes on; without room the process ends and systemd starts it again.
    func commit(
        _ body: @escaping (inout AgentImage) -> Void,
        then: @escaping () -> Void
    ) {
        let incarnation = incarnation
        disk.commit(body) { [self] isDurable in
            guard isUp, incarnation == self.incarnation else { return }
            guard isDurable else { return storeFailed() }
            then()
        }
    }

    private func storeFailed() {
        world.note(index, "store failed")
        world.reached(.storeFailed)
        end()
        disk.crash(isPowerCut: false)
        world.after(world.random.integer(in: 1000...6000)) { [self] in boot() }
    }

    /// The Hub has revoked this PC: once, and whatever happens in between.
    func enforceRevocation() {
        guard !disk.image.isRevoked else { return }
        let drops = world.bug == .revocationDropsPending
        commit { image in
            guard !image.isRevoked else { return }
            image.revoke()
            if drops { image.operations.removeAll { $0.outcome == nil } }
        } then: { [self] in
            world.reached(.revoked)
            world.note(index, "revoked")
            world.oracle.checkNothingLost()
            end()
            world.after(1000) { [self] in boot() }
        }
    }

    /// The Hub knows this PC as another Agent from now on.
    func enrolAgain(as account: Int) {
        world.oracle.numbersAreGivenUp(by: self, as: account)
        self.account = account
        guard isUp else { return }
        push?.end()
        push = PushLoop(self)
        push?.start()
        pull?.end()
        pull = PullLoop(self)
        pull?.start()
    }

    /// Somebody puts an older database in place, or a new one; with `isLive` the process itself
    /// goes back with its machine.
    func replaceStore(with image: AgentImage, isLive: Bool) {
        world.note(index, isLive ? "rolled back" : "restored", image.head, disk.image.head)
        let process = process
        if isUp {
            end()
            disk.crash(isPowerCut: false)
        }
        world.oracle.diskGoesBack(of: self, to: image)
        disk.replace(with: image)
        if isLive {
            boot()
            self.process = process
        }
    }

    /// Switches the PC off for good.
    func retire() {
        crash(isPowerCut: true)
        isRetired = true
    }

    /// The run is over.
    func letGo() {
        (push, pull, delivery) = (nil, nil, nil)
        disk.letGo()
    }

    /// Nothing goes wrong here any more.
    func calm() {
        disk.isFull = false
        disk.interruption = nil
        diesAfterPlacing = false
        clock.thaw(at: world.now)
        boot()
    }
}

// MARK: - People

extension SimAgent {
    /// Waits for the next measurement; there are none once the trouble is over.
    fileprivate func planMeasurement() {
        world.after(world.random.interval(mean: world.scenario.captureEvery)) { [self] in
            guard world.isTroubled, !isRetired else { return }
            if isUp { measure() }
            planMeasurement()
        }
    }

    /// Somebody is measured: stored first, then shown as kept.
    private func measure() {
        // A revoked PC says that it takes nothing.
        guard !disk.image.isRevoked else { return }
        let count = world.random.chance(0.1) ? 12 : world.random.integer(in: 1...3)
        var operations: [Operation] = []
        for _ in 0..<count {
            var weight: Int64 = 1
            if world.random.chance(0.05) { weight = world.random.integer(in: 20...90) }
            // One that no push can carry, and one that nothing can.
            if world.random.chance(0.002) { weight = 180 }
            if world.random.chance(0.002) { weight = 250 }
            operations.append(
                fact().operation(
                    id: world.identifier(at: time),
                    at: time,
                    weight: UInt8(weight)
                )
            )
        }
        if world.bug == .acknowledgeBeforeCommit { world.oracle.keep(operations) }
        let incarnation = incarnation
        let made = operations
        disk.commit {
            $0.append(made)
        } completion: { [self] isDurable in
            guard isUp, incarnation == self.incarnation else { return }
            guard isDurable else { return world.reached(.captureRefused) }
            world.note(index, "kept", Int64(made.count), disk.image.head)
            world.oracle.keep(made)
            push?.ring()
        }
    }

    private func fact() -> SimFact {
        let number = world.oracle.nextMeasurement()
        switch world.random.fraction() {
        case ..<0.02: return .malformed(number)
        case ..<0.03: return .unknownKind(number)
        case ..<0.05: return .newerVersion(number)
        case ..<0.06: return .unstorable(number)
        case ..<0.10: return .document(number)
        default: return .reading(number)
        }
    }
}
