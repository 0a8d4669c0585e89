import Shared
import Sync

/// What `PullDriver` does: one class after the other, a page and its cursor in one transaction.
final class PullLoop {
    let agent: SimAgent
    var world: World { agent.world }
    private var attempts = 0
    private(set) var isEnded = false
    private var isRung = false
    private var waits = 0
    private var isWaiting = false
    /// How often in a row a class was another one than the Hub's.
    private var mismatches: [String: Int] = [:]
    /// How often the class in hand was begun anew.
    private var restarts = 0

    /// What allows a command comes before it.
    private static let classes = ["config", "work"]

    init(_ agent: SimAgent) {
        self.agent = agent
    }

    /// Another Agent's commands are none of this one's: then every row is fetched.
    func start() {
        let account = agent.account
        guard agent.disk.image.workOwner != account else { return round() }
        agent.commit { image in
            if image.workOwner != nil { image.cursors["work"] = PullCursor().wanting(.hub) }
            image.workOwner = account
        } then: { [self] in
            round()
        }
    }

    func end() { isEnded = true }

    /// A hint that something is new.
    func ring() {
        guard isWaiting, !isEnded else {
            isRung = true
            return
        }
        isWaiting = false
        round()
    }

    private func round() {
        restarts = 0
        pull(Self.classes[...])
    }

    private func wait(_ pause: Int64) {
        guard !isEnded else { return }
        if isRung {
            isRung = false
            return round()
        }
        isWaiting = true
        waits += 1
        let wait = waits
        world.after(pause) { [self] in
            guard !isEnded, isWaiting, wait == waits else { return }
            isWaiting = false
            round()
        }
    }

    private func failed(_ error: SyncError) {
        attempts += 1
        wait(Backoff.delay(attempts, error, jitter: world.random.fraction()))
    }

    /// Pulls the first class until it is what the Hub says, and then the others.
    private func pull(_ classes: ArraySlice<String>) {
        guard !isEnded else { return }
        guard let name = classes.first else {
            attempts = 0
            return wait(PushLoop.reconcileInterval)
        }
        let cursor = agent.disk.image.cursors[name] ?? PullCursor()
        if let progress = cursor.snapshot { return fetch(classes, progress) }
        let account = agent.account
        world.network.request(from: agent.index) { hub, answer in
            hub.pull(name, after: cursor.position, for: account, answer)
        } answer: { [self] (result: Result<ServedPage, SyncError>) in
            guard !isEnded else { return }
            switch result {
            case .failure(.snapshotRequired): begin(classes, because: .cursor, isAnew: true)
            case .failure(let error): failed(error)
            case .success(let page):
                if let hub = cursor.hub, hub != page.reply.hub {
                    world.reached(.otherHub)
                    return begin(classes, because: .hub)
                }
                take(page, of: classes)
            }
        }
    }

    /// From now on every row is fetched; more than twice is a Hub that cannot make up its mind.
    private func begin(
        _ classes: ArraySlice<String>,
        because reason: SnapshotReason,
        isAnew: Bool = false
    ) {
        guard let name = classes.first else { return }
        restarts += 1
        guard restarts <= 2 else { return failed(.garbage) }
        agent.commit { image in
            var cursor = image.cursors[name] ?? PullCursor()
            if isAnew { cursor.snapshot = nil }
            image.cursors[name] = cursor.wanting(reason)
        } then: { [self] in
            pull(classes)
        }
    }

    private func take(_ page: ServedPage, of classes: ArraySlice<String>) {
        guard let name = classes.first else { return }
        apply(page, of: name) { [self] result in
            guard !isEnded else { return }
            switch result {
            case .failure(let error): failed(error)
            case .success(true):
                if page.reply.checkpoint != nil { mismatches[name] = 0 }
                next(classes, more: page.reply.more)
            case .success(false):
                world.reached(.digestMismatch)
                world.oracle.checkMismatch(of: agent, name)
                mismatches[name, default: 0] += 1
                // Once is mended at once; more often is a fault that a pause must slow down.
                guard mismatches[name] == 1 else { return failed(.garbage) }
                pull(classes)
            }
        }
    }

    private func next(_ classes: ArraySlice<String>, more: Bool) {
        if more { return pull(classes) }
        restarts = 0
        pull(classes.dropFirst())
    }

    private func fetch(_ classes: ArraySlice<String>, _ progress: PullCursor.Snapshot) {
        guard let name = classes.first else { return }
        let account = agent.account
        world.network.request(from: agent.index) { hub, answer in
            hub.snapshot(
                name,
                because: progress.reason,
                after: progress.after,
                for: account,
                answer
            )
        } answer: { [self] (result: Result<SnapshotReply, SyncError>) in
            guard !isEnded else { return }
            switch result {
            case .failure(.snapshotRequired): begin(classes, because: .hub, isAnew: true)
            case .failure(let error): failed(error)
            case .success(let reply):
                apply(reply, of: name) { [self] error in
                    switch error {
                    case nil: pull(classes)
                    case .snapshotRequired: begin(classes, because: .hub, isAnew: true)
                    case let error?: failed(error)
                    }
                }
            }
        }
    }
}
