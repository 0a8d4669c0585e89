/// A PC's disk under an Agent's database: one writer, each commit durable when it returns.
///
/// A crash leaves a durable prefix: all that was committed, and of the commit in hand all or
/// nothing, for a torn one does not get past the log's checksums.
final class AgentDisk {
    private unowned let world: World
    /// What readers see, and what a crash leaves.
    private(set) var image: AgentImage
    /// True while nothing more fits.
    var isFull = false

    private struct Write {
        var body: (inout AgentImage) -> Void
        var completion: (Bool) -> Void
    }

    private var writes: [Write] = []
    private var isWriting = false
    private var incarnation = 0
    /// Called in the middle of the next commit, once.
    var interruption: (() -> Void)?
    /// With `commitsNotDurable`: what a crash may go back to, the oldest first.
    private var unsynced: [AgentImage] = []

    init(world: World, image: AgentImage) {
        self.world = world
        self.image = image
    }

    /// Changes the database in one transaction.
    ///
    /// `completion` hears once it is durable, or false where there was no room; a crash in between
    /// answers nothing.
    func commit(
        _ body: @escaping (inout AgentImage) -> Void,
        completion: @escaping (Bool) -> Void
    ) {
        writes.append(Write(body: body, completion: completion))
        if !isWriting { writeNext() }
    }

    private func writeNext() {
        guard let write = writes.first else {
            isWriting = false
            return
        }
        isWriting = true
        let incarnation = incarnation
        if let interruption {
            self.interruption = nil
            world.after(0, interruption)
        }
        // One fsync; now and then a disk takes its time.
        let isSlow = world.isTroubled && world.random.chance(0.02)
        world.after(world.random.integer(in: isSlow ? 100...3000 : 1...15)) { [self] in
            guard incarnation == self.incarnation else { return }
            writes.removeFirst()
            if isFull {
                write.completion(false)
            } else {
                apply(write)
                write.completion(true)
            }
            writeNext()
        }
    }

    private func apply(_ write: Write) {
        if world.bug == .commitsNotDurable {
            unsynced.append(image)
            if unsynced.count > 6 { unsynced.removeFirst() }
        }
        write.body(&image)
    }

    /// Everything in hand ends; with `isPowerCut` what the disk had not taken is gone as well.
    func crash(isPowerCut: Bool) {
        incarnation += 1
        isWriting = false
        if let write = writes.first, !isFull {
            if world.random.chance(0.5) {
                world.reached(.commitSurvivedCrash)
                apply(write)
            } else {
                world.reached(.commitLostInCrash)
            }
        }
        writes = []
        if isPowerCut, !unsynced.isEmpty {
            image = unsynced[world.random.index(below: unsynced.count)]
        }
        if isPowerCut { unsynced = [] }
    }

    /// The run is over: what waits to be written holds who waits for it.
    func letGo() {
        writes = []
        interruption = nil
    }

    /// Somebody puts another image in place while nothing runs.
    func replace(with other: AgentImage) {
        image = other
        unsynced = []
    }
}
