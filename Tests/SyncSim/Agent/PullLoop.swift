import Shared
import Sync

/// What `PullDriver` does: one class after the other, a page and its cursor in one transaction.
final class PullLoop {
    private let agent: SimAgent
    private var world: World { agent.world }
    private var attempts = 0
    private var isEnded = false
    private var isRung = false
    private var waits = 0
    private var isWaiting = false

    /// What allows a command comes before it.
    private static let classes = ["config", "work"]

    init(_ agent: SimAgent) {
        self.agent = agent
    }

    func start() { round() }

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
        pull(Self.classes[...]) { [self] in
            attempts = 0
            wait(PushLoop.reconcileInterval)
        }
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

    private func pull(_ classes: ArraySlice<String>, then: @escaping () -> Void) {
        guard let name = classes.first else { return then() }
        let cursor = agent.disk.image.cursors[name] ?? PullCursor()
        let account = agent.account
        world.network.request(from: agent.index) { hub, answer in
            hub.pull(name, after: cursor.position, for: account, answer)
        } answer: { [self] (result: Result<ServedPage, SyncError>) in
            guard !isEnded else { return }
            switch result {
            case .failure(let error): failed(error)
            case .success(let page):
                apply(page, of: name) { [self] more in
                    pull(more ? classes : classes.dropFirst(), then: then)
                }
            }
        }
    }

    private func apply(
        _ page: ServedPage,
        of name: String,
        then: @escaping (Bool) -> Void
    ) {
        let reply = page.reply
        let cursor = agent.disk.image.cursors[name] ?? PullCursor()
        guard cursor.hub != reply.hub || !reply.changes.isEmpty else {
            check(page, of: name)
            return then(reply.more)
        }
        let next: PullCursor
        do {
            next = try cursor.advanced(by: reply)
        } catch .snapshotRequired {
            return reset(name) { then(true) }
        } catch {
            return failed(error)
        }
        world.reached(.pageApplied)
        if world.bug == .cursorBeforePage {
            return agent.commit {
                $0.cursors[name] = next
            } then: { [self] in
                store(page, of: name, cursor: next, then: then)
            }
        }
        store(page, of: name, cursor: next, then: then)
    }

    private func store(
        _ page: ServedPage,
        of name: String,
        cursor: PullCursor,
        then: @escaping (Bool) -> Void
    ) {
        let reply = page.reply
        let time = agent.time
        let context = PulledCommands(
            bug: world.bug,
            now: Instant(milliseconds: time),
            serverTime: reply.serverTime,
            identifiers: reply.changes.map { _ in
                (0..<2).map { _ in world.identifier(at: time) }
            }
        )
        var made: [Operation] = []
        var superseded = 0
        agent.commit { image in
            if name == "work" {
                (made, superseded) = context.apply(reply, to: &image)
            } else {
                context.applyRows(reply, to: &image)
            }
            image.cursors[name] = cursor
        } then: { [self] in
            world.note(agent.index, "pulled", cursor.position, Int64(reply.changes.count))
            for _ in 0..<superseded { world.reached(.commandSuperseded) }
            if reply.changes.contains(where: { $0.kind == .remove }) {
                world.reached(.removalApplied)
            }
            check(page, of: name)
            if !made.isEmpty {
                world.oracle.keep(made)
                agent.push?.ring()
            }
            if name == "work" { agent.delivery?.ring() }
            then(reply.more)
        }
    }

    private func reset(_ name: String, then: @escaping () -> Void) {
        world.reached(.otherHub)
        agent.commit { image in
            image.cursors[name] = nil
            if name == "config" { image.configuration = [:] }
        } then: {
            then()
        }
    }

    private func check(_ page: ServedPage, of name: String) {
        guard name == "config", !page.reply.more else { return }
        world.oracle.checkConfiguration(of: agent, page)
    }
}
