import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct `A command to a device` {
    @Test func `goes to its own PC and to no other of the site`() async throws {
        try await CommandRig.with { rig in
            let id = try await rig.issued(.visionixWaitingList)
            let other = try await rig.people.agent("Room 9", number: 90)
            #expect(try await rig.work(of: other).changes.isEmpty)
            let page = try await rig.work()
            let change = try #require(page.changes.first)
            #expect(page.changes.count == 1)
            #expect(change.key == "command/\(id)")
            let payload = Array(try #require(change.payload).utf8)
            let command = try JSON.decode(Command.self, from: payload)
            #expect(command.id == id)
            #expect(command.device == "source:visionixwaitinglist")
            #expect(command.patient.number == rig.patient.number.description)
            #expect(command.patient.familyName == "Probe")
            #expect(command.patient.birthDate == CalendarDate("1987-05-02"))
            #expect(command.patient.sex == "f")
            #expect(command.fence == 1)
            #expect(command.expiresAt.duration(since: command.issuedAt) == .seconds(7200))
        }
    }

    @Test func `leaves the stream with what it says of the patient when it is over`()
        async throws
    {
        try await CommandRig.with { rig in
            let id = try await rig.issued()
            #expect(try await rig.streams().contains("Probe"))
            try await rig.tell(id, .received)
            #expect(try await rig.command(id).state == .received)
            try await rig.tell(id, .delivered, "nameAltered")
            let command = try await rig.command(id)
            #expect(command.state == .delivered)
            #expect(command.code == "nameAltered")
            #expect(try await !rig.streams().contains("Probe"))
            #expect(try await rig.work().changes.map(\.kind) == [.remove])
        }
    }

    @Test func `only moves on`() async throws {
        try await CommandRig.with { rig in
            let id = try await rig.issued()
            try await rig.tell(id, .delivered)
            try await rig.tell(id, .received)
            try await rig.tell(id, .failed, "late")
            #expect(try await rig.command(id).state == .delivered)
            #expect(try await !rig.store.cancel(id, site: rig.site, by: rig.account))
        }
    }

    @Test func `that was taken back is shown as delivered where its PC had been quicker`()
        async throws
    {
        try await CommandRig.with { rig in
            let id = try await rig.issued()
            #expect(try await rig.store.cancel(id, site: rig.site, by: rig.account))
            #expect(try await rig.command(id).state == .cancelled)
            #expect(try await !rig.streams().contains("Probe"))
            try await rig.tell(id, .received)
            #expect(try await rig.command(id).state == .cancelled)
            try await rig.tell(id, .delivered)
            #expect(try await rig.command(id).state == .delivered)
        }
    }

    @Test func `of another PC is not answered by this one`() async throws {
        try await CommandRig.with { rig in
            let id = try await rig.issued()
            let other = try await rig.people.agent("Room 9", number: 90)
            try await rig.tell(id, .delivered, from: other)
            #expect(try await rig.command(id).state == .issued)
        }
    }

    @Test func `whose PC is silent for a day is given up, and still takes its answer`()
        async throws
    {
        try await CommandRig.with { rig in
            let id = try await rig.issued()
            rig.people.clock.advance(by: .seconds(7200 + 86400))
            try await rig.store.giveUp(agent: rig.agent.id)
            #expect(try await rig.command(id).state == .issued)
            rig.people.clock.advance(by: .seconds(1))
            try await rig.store.giveUp(agent: rig.agent.id)
            #expect(try await rig.command(id).state == .expired)
            #expect(try await rig.command(id).code == "noAnswer")
            #expect(try await !rig.streams().contains("Probe"))
            try await rig.tell(id, .delivered)
            #expect(try await rig.command(id).state == .delivered)
        }
    }

    @Test func `that was delivered has the device's readings looked at again`() async throws {
        try await CommandRig.with { rig in
            let id = try await rig.issued()
            try await rig.people.database.execute("DELETE FROM match_work")
            let readings = SampleStore(database: rig.people.database, site: rig.site)
            let reading = try await readings.add(SampleReading.refraction(), number: 1)
            try await rig.people.database.execute(
                """
                UPDATE reading SET agent_id = \(rig.agent.id), source = 'visionixindex',
                    captured_at = \(rig.people.clock.wall.now())
                """
            )
            try await rig.people.database.execute("DELETE FROM match_work")
            try await rig.tell(id, .delivered)
            let rows = try await rig.people.database.query("SELECT reading_id FROM match_work")
            #expect(try rows.map { try $0.decode("reading_id", as: Identifier.self) } == [reading])
        }
    }

    @Test func `is pulled by class alone, and hints go to its own PC`() async throws {
        try await CommandRig.with { rig in
            #expect(ChangeStore.classes == ["config", "work"])
            let other = try await rig.people.agent("Room 9", number: 90)
            #expect(
                ChangeStore.stream(of: "work", for: rig.agent)
                    != ChangeStore.stream(of: "work", for: other)
            )
            #expect(ChangeStore.stream(of: "config", for: other) == "config")
        }
    }
}
