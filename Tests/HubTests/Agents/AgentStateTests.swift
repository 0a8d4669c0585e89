import HummingbirdTesting
import Shared
import Testing

@testable import Hub

struct AgentStateTests {
    private let now = SampleReading.instant("2026-11-20T09:14:37.218Z")

    private func agent(
        seenSecondsAgo seconds: Int64? = 5,
        change: (inout AgentRecord) -> Void = { _ in }
    ) -> AgentRecord {
        var agent = AgentRecord(
            workstation: "Room 2",
            enrolledAt: now,
            lastSeenAt: seconds.map { now.advanced(by: .seconds(-$0)) },
            certificateExpiresAt: now.advanced(by: .seconds(80 * 86400))
        )
        change(&agent)
        return agent
    }

    private func state(_ agent: AgentRecord) -> AgentState { AgentState(agent, now: now) }

    @Test func `silence has two degrees`() {
        #expect(state(agent(seenSecondsAgo: 180)) == .well)
        #expect(state(agent(seenSecondsAgo: 181)) == .quiet)
        #expect(state(agent(seenSecondsAgo: 86401)) == .silent)
        #expect(state(agent(seenSecondsAgo: nil)) == .neverSeen)
    }

    @Test func `what matters most is said`() {
        let trouble = agent {
            $0.pending = 3
            $0.oldestPendingAt = now.advanced(by: .seconds(-301))
            $0.clockOffsetMilliseconds = -61_000
            $0.certificateExpiresAt = now.advanced(by: .seconds(86400))
        }
        #expect(state(trouble) == .behind)
        var sent = trouble
        sent.pending = 0
        #expect(state(sent) == .clockOff)
        sent.clockOffsetMilliseconds = 2000
        #expect(state(sent) == .expiring)
        sent.isTooNew = true
        #expect(state(sent) == .tooNew)
        sent.storage = .critical
        #expect(state(sent) == .nearlyFull)
        sent.storage = .refusing
        #expect(state(sent) == .full)
        sent.certificateExpiresAt = now
        #expect(state(sent) == .expired)
        sent.isRevoked = true
        #expect(state(sent) == .revoked)
    }

    @Test(
        arguments: [
            (offset: 2001, roundTrip: Int64?.none, isOff: true),
            (offset: -2001, roundTrip: 0, isOff: true),
            (offset: 2000, roundTrip: 0, isOff: false),
            // Half of the round trip is the most that a measurement is wrong by.
            (offset: 3000, roundTrip: 2000, isOff: false),
            (offset: 3001, roundTrip: 2000, isOff: true),
            (offset: .min, roundTrip: .max, isOff: true),
        ] as [(offset: Int64, roundTrip: Int64?, isOff: Bool)]
    )
    func `a clock is off where it is so for certain`(
        offset: Int64,
        roundTrip: Int64?,
        isOff: Bool
    ) {
        let agent = agent {
            $0.clockOffsetMilliseconds = offset
            $0.roundTripMilliseconds = roundTrip
        }
        #expect(state(agent) == (isOff ? .clockOff : .well))
    }

    @Test(arguments: [
        AgentState.well, .neverSeen, .quiet, .silent, .full, .nearlyFull, .tooNew, .behind,
        .clockOff,
        .expiring, .expired, .revoked,
    ])
    func `every state has one word, one colour and one thing to do`(state: AgentState) {
        #expect(!state.word.isEmpty)
        #expect(["well", "attention", "problem", "plain"].contains(state.level))
        #expect(state.advice.count > 10)
    }

    @Test func `a row says how far the clock is off, and what waits since when`() {
        let record = agent {
            $0.pending = 14
            $0.oldestPendingAt = now.advanced(by: .seconds(-840))
            $0.clockOffsetMilliseconds = -1250
        }
        let site = Site(id: SampleReading.identifier(1), name: "Clinic", zone: "Europe/Brussels")
        let row = AgentsPage.Row(record, at: SiteTime(site), now: now)
        #expect(row.clock == "−1.2 s")
        #expect(row.pending == "14")
        #expect(row.oldest == "14 min")
        #expect(row.seen == "5 s ago")
        #expect(row.certificate == "80 days left")
    }

    @Test func `the page lists the agents of the site`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser, role: .it)
                let empty = try await person.get("/agents").text
                #expect(empty.contains("No Agent is enrolled at this site"))
                let store = SampleStore(database: rig.database, site: try await rig.site())
                _ = try await store.agent(workstation: "Room <2>")
                let page = try await person.get("/agents").text
                #expect(page.contains("Room &lt;2&gt;"))
                #expect(page.contains("Not yet seen"))
                #expect(page.contains("data-renew=\"15\""))
            }
        }
    }
}
