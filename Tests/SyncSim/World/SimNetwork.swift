import Sync

/// What stands between PCs and the Hub: it delays, loses, doubles, reorders and stalls.
final class SimNetwork {
    /// How a PC's connection is.
    enum Link {
        case open
        /// Connections fail at once.
        case refused
        /// Connections stay open and carry nothing.
        case stalled
    }

    private unowned let world: World
    private var links: [Int: Link] = [:]

    /// What a request waits for at most, as the Agent's client does.
    static let timeout: Int64 = 30_000

    init(world: World) {
        self.world = world
    }

    /// Puts a PC's connection into a state.
    func set(_ link: Link, of agent: Int) {
        links[agent] = link
    }

    /// Everything arrives again.
    func heal() { links = [:] }

    /// How the connection of a PC is.
    func link(of agent: Int) -> Link { links[agent] ?? .open }

    /// Carries a request to the Hub, and its answer back; answers exactly once.
    ///
    /// `serve` may be called twice or never, and long after `answer` was called with `unreachable`.
    func request<Reply>(
        from agent: Int,
        _ serve: @escaping (SimHub, @escaping (Result<Reply, SyncError>) -> Void) -> Void,
        answer: @escaping (Result<Reply, SyncError>) -> Void
    ) {
        let call = Call(answer)
        world.after(Self.timeout) { [world] in
            if call.finish(.failure(.unreachable("timeout"))) {
                world.note(agent, "timeout")
            }
        }
        switch link(of: agent) {
        case .refused:
            world.after(5) { _ = call.finish(.failure(.unreachable("connection refused"))) }
            return
        case .stalled:
            world.reached(.halfOpen)
            return
        case .open: break
        }
        if lose(.requestLost) { return }
        deliver(agent, serve, call, after: delay(isLateAllowed: true))
        if world.isTroubled, world.random.chance(world.scenario.doubling) {
            world.reached(.requestDoubled)
            deliver(agent, serve, call, after: delay(isLateAllowed: true))
        }
    }

    private func deliver<Reply>(
        _ agent: Int,
        _ serve: @escaping (SimHub, @escaping (Result<Reply, SyncError>) -> Void) -> Void,
        _ call: Call<Reply>,
        after delay: Int64
    ) {
        let isTroubled = world.isTroubled
        world.after(delay) { [self] in
            // A network that is well again has forgotten what it held up.
            guard isTroubled == world.isTroubled || delay < 1000 else { return }
            guard world.hub.isUp else {
                world.after(self.delay()) {
                    _ = call.finish(.failure(.unreachable("connection refused")))
                }
                return
            }
            serve(world.hub) { [self] result in
                guard link(of: agent) == .open, !lose(.replyLost) else { return }
                world.after(self.delay()) { _ = call.finish(result) }
            }
        }
    }

    /// A hint to a PC: may be lost, and nothing depends on it.
    func hint(to agent: Int, _ receive: @escaping () -> Void) {
        guard link(of: agent) == .open, !lose(.replyLost) else { return }
        world.after(delay(), receive)
    }

    private func lose(_ mark: Mark) -> Bool {
        guard world.isTroubled, world.random.chance(world.scenario.loss) else { return false }
        world.reached(mark)
        return true
    }

    private func delay(isLateAllowed: Bool = false) -> Int64 {
        guard world.isTroubled else { return world.random.integer(in: 1...20) }
        if isLateAllowed, world.random.chance(world.scenario.lateness) {
            world.reached(.requestLate)
            return world.random.integer(in: 1000...50_000)
        }
        return world.random.interval(mean: world.scenario.latency)
    }
}

/// One request that somebody waits for, until the first answer.
private final class Call<Reply> {
    private var answer: ((Result<Reply, SyncError>) -> Void)?

    init(_ answer: @escaping (Result<Reply, SyncError>) -> Void) {
        self.answer = answer
    }

    /// Answers; false where that has been done.
    func finish(_ result: Result<Reply, SyncError>) -> Bool {
        guard let answer else { return false }
        self.answer = nil
        answer(result)
        return true
    }
}
