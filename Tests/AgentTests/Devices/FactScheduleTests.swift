import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `When the Hub is told of a device` {
    private let start = ContinuousClock.now

    private func fact(
        _ state: DeviceFact.State,
        key: String = "usb:a",
        since: Int64 = 0
    )
        -> DeviceFact
    {
        DeviceFact(
            key: key,
            attachment: .serial,
            state: state,
            since: Instant(milliseconds: since)
        )
    }

    @Test func `a state that lasts a second is written, one that passes is not`() {
        var schedule = FactSchedule()
        schedule.note(fact(.starting), at: start)
        schedule.note(fact(.ready), at: start + .milliseconds(50))
        #expect(schedule.due(at: start + .seconds(1)).isEmpty)
        #expect(schedule.due(at: start + .milliseconds(1050)) == [fact(.ready)])
        #expect(schedule.nextDue == nil)
    }

    @Test func `what the Hub knows already is not written`() {
        var schedule = FactSchedule()
        schedule.learn([fact(.ready)])
        schedule.note(fact(.starting, since: 5), at: start)
        schedule.note(fact(.ready, since: 6), at: start + .milliseconds(10))
        #expect(schedule.nextDue == nil)
    }

    @Test func `what was learnt late counts as well`() {
        var schedule = FactSchedule()
        schedule.note(fact(.ready), at: start)
        schedule.learn([fact(.ready)])
        #expect(schedule.due(at: start + .seconds(10)).isEmpty)
    }

    @Test func `a device that flaps all day is written a few times an hour`() {
        var schedule = FactSchedule()
        var written = 0
        // It comes and goes every two seconds, for a day.
        for step in 0..<43_200 {
            let now = start + .seconds(2 * step)
            schedule.note(fact(step.isMultiple(of: 2) ? .ready : .detached), at: now)
            written += schedule.due(at: now + .milliseconds(1500)).count
        }
        #expect(written > 24)
        #expect(written < 24 * 8 + 20)
        // When it has come to rest, the Hub gets to know how.
        let end = start + .seconds(86_400)
        schedule.note(fact(.failing), at: end)
        #expect(schedule.due(at: end + FactSchedule.longestPause) == [fact(.failing)])
    }

    @Test func `a device that flaps leaves the others alone`() {
        var schedule = FactSchedule()
        for step in 0..<100 {
            let now = start + .seconds(2 * step)
            schedule.note(fact(step.isMultiple(of: 2) ? .ready : .detached), at: now)
            _ = schedule.due(at: now + .seconds(1))
        }
        let now = start + .seconds(300)
        schedule.note(fact(.ready, key: "usb:b"), at: now)
        #expect(schedule.due(at: now + .seconds(1)).contains(fact(.ready, key: "usb:b")))
    }

    @Test func `what the store did not take is due again`() {
        var schedule = FactSchedule()
        schedule.note(fact(.ready), at: start)
        let due = schedule.due(at: start + .seconds(1))
        for fact in due { schedule.putBack(fact, at: start + .seconds(1)) }
        #expect(schedule.due(at: start + .seconds(2)) == [fact(.ready)])
    }
}

@Suite struct `The facts of devices` {
    private func pending(_ world: AgentWorld) async throws -> [DeviceFact] {
        try await world.pending().filter { $0.kind == DeviceFact.kind }
            .map { try JSON.decode(DeviceFact.self, from: $0.payload) }
    }

    private let ready = DeviceFact(
        key: "usb:0403:6001:A10X42QZ",
        attachment: .serial,
        state: .ready,
        since: AgentWorld.now,
        driver: "l70",
        source: "usb-0403-6001-a10x42qz"
    )

    @Test func `go through the outbox, and are remembered over a restart`() async throws {
        let world = try AgentWorld()
        let later = ContinuousClock.now + .seconds(1000)
        let facts = DeviceFacts(store: world.store, outbox: world.outbox, logger: .silent)
        facts.note(ready)
        await facts.write(dueAt: later)
        #expect(try await pending(world) == [ready])

        let restarted = DeviceFacts(store: world.store, outbox: world.outbox, logger: .silent)
        await restarted.load()
        restarted.note(ready)
        await restarted.write(dueAt: later)
        #expect(try await pending(world).count == 1)
    }

    @Test func `what went while nobody looked is told as gone`() async throws {
        let world = try AgentWorld()
        let later = ContinuousClock.now + .seconds(1000)
        let facts = DeviceFacts(store: world.store, outbox: world.outbox, logger: .silent)
        facts.note(ready)
        await facts.write(dueAt: later)

        let restarted = DeviceFacts(store: world.store, outbox: world.outbox, logger: .silent)
        await restarted.load()
        restarted.settle([.media], present: [], at: AgentWorld.now)
        await restarted.write(dueAt: later)
        #expect(try await pending(world).count == 1)
        restarted.settle([.serial], present: [], at: AgentWorld.now)
        await restarted.write(dueAt: later)
        #expect(try await pending(world).map(\.state) == [.ready, .detached])
    }
}
