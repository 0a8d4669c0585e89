import Shared
import Sync

/// The Hub: its process, its database, and its backups.
///
/// Requests are judged by `HubIntake`; what `SessionIntake`, `PushIntake` and `ChangeStore` do
/// around it is done here on a value.
final class SimHub {
    unowned let world: World
    /// What is committed, and so durable.
    var image: HubImage
    private(set) var isUp = false
    /// What it answers instead of working; nil where it is well.
    var sickness: SyncError?
    /// The version of operations that it knows.
    var version = 1
    /// Rises whenever the database goes back: the world knows, the Hub does not.
    private(set) var lineage = 0
    private var incarnation = 0
    /// Where the process dies while it serves the next request; nil where it need not.
    var death: Death?
    private var inHand = 0
    private var answering = 0
    private(set) var backups: [(time: Int64, image: HubImage)] = []

    init(world: World) {
        self.world = world
        image = HubImage(instance: world.identifier(at: World.epoch))
    }

    /// A moment of a request that a process can die in.
    enum Death: CaseIterable {
        case beforeCommit, beforeReply
    }

    /// How far somebody has set the Hub's clock off.
    var clockOffset: Int64 = 0

    /// The Hub's clock.
    var time: Instant { Instant(milliseconds: World.epoch + world.now + clockOffset) }

    /// Starts the process.
    func boot() {
        guard !isUp else { return }
        isUp = true
        incarnation += 1
        inHand = 0
        answering = 0
        world.note(-1, "boot")
    }

    /// Ends the process; what was not committed is gone.
    func crash() {
        guard isUp else { return }
        isUp = false
        incarnation += 1
        if inHand > 0 { world.reached(.hubDiedBeforeCommit) }
        if answering > 0 { world.reached(.hubDiedBeforeReply) }
        world.note(-1, "crash", Int64(inHand), Int64(answering))
    }

    /// Keeps a copy of the database.
    func backUp() {
        backups.append((world.now, image))
        // The first stays: somebody finds only that one.
        if backups.count > 12 { backups.remove(at: 1) }
    }

    /// Puts an older database in place; where the process runs it goes on with that.
    func restore(_ backup: (time: Int64, image: HubImage)) {
        incarnation += 1
        lineage += 1
        world.note(-1, "restored", world.now - backup.time)
        world.oracle.hubGoesBack(to: backup.image)
        image = backup.image
        // A backup behind the one that was restored belongs to a history that is over.
        backups.removeAll { $0.time > backup.time }
        world.oracle.checkNothingLost()
    }

    /// Nothing goes wrong here any more.
    func calm() {
        sickness = nil
        death = nil
        clockOffset = 0
        boot()
    }

    private func die(_ death: Death) -> Bool {
        guard self.death == death else { return false }
        self.death = nil
        crash()
        world.after(world.random.integer(in: 500...20_000)) { [self] in boot() }
        return true
    }

    /// Does `work` in one transaction some time from now, and answers once it is committed.
    ///
    /// A Hub that dies before does nothing and says nothing; one that dies behind the commit has
    /// done everything and says nothing.
    func transact<Reply>(
        _ answer: @escaping (Result<Reply, SyncError>) -> Void,
        _ work: @escaping (inout HubImage) throws(SyncError) -> Reply
    ) {
        if let sickness, world.random.chance(0.7) { return answer(.failure(sickness)) }
        if world.isTroubled, world.random.chance(0.003) {
            return answer(.failure(.malformed("damaged on its way")))
        }
        let incarnation = incarnation
        if world.bug == .hubAnswersBeforeCommit {
            var foreseen = image
            answer(Result { () throws(SyncError) in try work(&foreseen) })
            return world.after(200) { [self] in
                if incarnation == self.incarnation { _ = try? work(&image) }
            }
        }
        inHand += 1
        let isSlow = world.isTroubled && world.random.chance(0.02)
        world.after(world.random.integer(in: isSlow ? 200...5000 : 1...20)) { [self] in
            guard isUp, incarnation == self.incarnation else { return }
            if die(.beforeCommit) { return }
            inHand -= 1
            answering += 1
            let result = Result { () throws(SyncError) in try work(&image) }
            if die(.beforeReply) { return }
            world.after(world.random.integer(in: 1...3)) { [self] in
                guard isUp, incarnation == self.incarnation else { return }
                answering -= 1
                // Bytes that arrive damaged after a commit: nobody knows what became of it.
                let isDamaged = world.isTroubled && world.random.chance(0.003)
                answer(isDamaged ? .failure(.garbage) : result)
            }
        }
    }
}

/// An answer, with the state of the world that it is about: the Agent does not see that.
struct Served<Reply> {
    var reply: Reply
    var lineage: Int
    /// The world's time.
    var time: Int64
}
