import Postgres
import Shared
import Sync
import Synchronization
import TestKit
import Testing

@testable import Hub

struct MatchServiceTests {
    private static let file = DevicePatient(
        number: "1000002",
        familyName: "TESTCASE",
        givenName: "AMINA",
        birthDate: CalendarDate("1985-03-14")
    )

    @Test func `a reading with number, name and birth date finds its patient, with a history`()
        async throws
    {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            let patient = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: nil
            )
            let id = try await rig.add(1, Self.file)
            try await rig.weigh()
            let match = try #require(try await rig.match(id))
            #expect(match.state == .matched && !match.isByPerson && match.version == 1)
            #expect(match.patient?.id == patient.id)
            let decisions = try await rig.matches.decisions(on: id, site: site)
            #expect(decisions.map(\.state) == [.matched])
        }
    }

    @Test func `weighing again changes nothing and tells nobody`() async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            _ = try await rig.patients.register(try SamplePatient.draft(), site: site, by: nil)
            let id = try await rig.add(1, Self.file)
            try await rig.weigh()
            let readings = ReadingStore(database: rig.database)
            let before = try await readings.newestPosition(site: site)
            for _ in 0..<2 {
                try await rig.queue(id, site: site)
                try await rig.weigh()
            }
            #expect(try await readings.newestPosition(site: site) == before)
            #expect(try await rig.matches.decisions(on: id, site: site).count == 1)
        }
    }

    @Test func `a patient who is registered later finds the readings that wait`() async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            let both = try await rig.add(1, Self.file)
            let dated = try await rig.add(
                2,
                DevicePatient(
                    familyName: "Testcase",
                    givenName: "Amina",
                    birthDate: CalendarDate("1985-03-14")
                )
            )
            let other = try await rig.add(3, DevicePatient(familyName: "Quite", givenName: "Other"))
            try await rig.weigh()
            #expect(try await rig.match(both)?.state == .nobody)
            _ = try await rig.patients.register(try SamplePatient.draft(), site: site, by: nil)
            try await rig.weigh()
            #expect(try await rig.match(both)?.state == .matched)
            #expect(try await rig.match(dated)?.state == .proposed)
            #expect(try await rig.match(other)?.state == .nobody)
        }
    }

    @Test func `a changed birth date takes an automatic match back`() async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            let patient = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: nil
            )
            let id = try await rig.add(1, Self.file)
            try await rig.weigh()
            _ = try await rig.patients.change(
                patient.id,
                to: try SamplePatient.draft("Other", "Person", born: "1961-07-30"),
                version: 1,
                site: site,
                by: nil
            )
            try await rig.weigh()
            let match = try #require(try await rig.match(id))
            #expect(match.state == .contradiction && match.version == 2)
            #expect(match.evidence.named.first?.differs == [.name, .birthDate])
        }
    }

    @Test func `a new revision of a reading is weighed anew`() async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            _ = try await rig.patients.register(try SamplePatient.draft(), site: site, by: nil)
            let id = try await rig.add(1, DevicePatient())
            try await rig.weigh()
            #expect(try await rig.match(id)?.state == .nobody)
            try await rig.add(1, Self.file, revision: 2)
            try await rig.weigh()
            #expect(try await rig.match(id)?.state == .matched)
        }
    }

    @Test func `a person's word stands, and the Hub says where it would differ`() async throws {
        try await PeopleRig.with { rig in
            let (site, author) = (try await rig.site(), try await rig.account())
            _ = try await rig.patients.register(try SamplePatient.draft(), site: site, by: nil)
            let other = try await rig.patients.register(
                try SamplePatient.draft("Beispiel", "Bruno"),
                site: site,
                by: nil
            )
            let id = try await rig.add(1, DevicePatient())
            try await rig.weigh()
            try await rig.matches.decide(
                .assign(other.id),
                reading: id,
                site: site,
                version: 1,
                by: author
            )
            try await rig.add(1, Self.file, revision: 2)
            try await rig.weigh()
            let match = try #require(try await rig.match(id))
            #expect(match.patient?.id == other.id && match.isByPerson && match.version == 2)
            #expect(match.evidence.state == .matched)
            let record = try #require(try await rig.record(id))
            let view = MatchView(record, acts: nil, siteParameter: nil)
            #expect(view.doubt?.contains("Testcase, Amina, 1000002") == true)
        }
    }

    @Test func `an undone match stays undone`() async throws {
        try await PeopleRig.with { rig in
            let (site, author) = (try await rig.site(), try await rig.account())
            _ = try await rig.patients.register(try SamplePatient.draft(), site: site, by: nil)
            let id = try await rig.add(1, Self.file)
            try await rig.weigh()
            try await rig.matches.decide(.undo, reading: id, site: site, version: 1, by: author)
            try await rig.queue(id, site: site)
            try await rig.weigh()
            let match = try #require(try await rig.match(id))
            #expect(match.state == .nobody && match.isByPerson)
            let decisions = try await rig.matches.decisions(on: id, site: site)
            #expect(decisions.map(\.state) == [.nobody, .matched])
            #expect(decisions.map(\.decidedBy) == ["Dr. author", nil])
        }
    }

    @Test func `of two people who assign at once one succeeds and one is told`() async throws {
        try await PeopleRig.with { rig in
            let (site, author) = (try await rig.site(), try await rig.account())
            let one = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: nil
            )
            let two = try await rig.patients.register(
                try SamplePatient.draft("Beispiel"),
                site: site,
                by: nil
            )
            for (number, version) in [(1, 1), (2, 0)] {
                let id = try await rig.add(number, DevicePatient())
                // The second reading is assigned before anybody has weighed it.
                if version == 1 { try await rig.weigh() }
                let matches = rig.matches
                let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for patient in [one.id, two.id] {
                        group.addTask {
                            do {
                                try await matches.decide(
                                    .assign(patient),
                                    reading: id,
                                    site: site,
                                    version: version,
                                    by: author
                                )
                                return true
                            } catch MatchStore.Refusal.stale {
                                return false
                            }
                        }
                    }
                    return try await group.reduce(into: [Bool]()) { $0.append($1) }
                }
                #expect(outcomes.filter { $0 }.count == 1)
                try await rig.weigh()
                #expect(try await rig.match(id)?.isByPerson == true)
            }
        }
    }

    @Test func `a site's readings are assigned to its own patients only`() async throws {
        try await PeopleRig.with { rig in
            let (site, author) = (try await rig.site(), try await rig.account())
            let foreign = try await rig.foreignSite()
            let stranger = try await rig.patients.register(
                try SamplePatient.draft(),
                site: foreign,
                by: nil
            )
            let id = try await rig.add(1, DevicePatient(number: "1000002"))
            try await rig.weigh()
            #expect(try await rig.match(id)?.state == .nobody)
            #expect(try await rig.match(id)?.evidence.notes == [.numberUnknown])
            await #expect(throws: MatchStore.Refusal.unknown) {
                try await rig.matches.decide(
                    .assign(stranger.id),
                    reading: id,
                    site: site,
                    version: 1,
                    by: author
                )
            }
            await #expect(throws: MatchStore.Refusal.unknown) {
                try await rig.matches.decide(
                    .undo,
                    reading: id,
                    site: foreign,
                    version: 1,
                    by: author
                )
            }
        }
    }

    @Test
    func
        `number, name and birth date lead to a patient of another site, who is known from then on`()
        async throws
    {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            let patient = try await rig.patients.register(
                try SamplePatient.draft(),
                site: try await rig.foreignSite(),
                by: nil
            )
            let id = try await rig.add(1, Self.file)
            try await rig.weigh()
            #expect(try await rig.match(id)?.patient?.id == patient.id)
            #expect(try await rig.patients.patient(patient.id, site: site) == patient)
        }
    }

    @Test
    func `readings of a merged record are those of the one that stands for it, until they part`()
        async throws
    {
        try await PeopleRig.with { rig in
            let (site, author) = (try await rig.site(), try await rig.account())
            let one = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: nil
            )
            let two = try await rig.patients.register(
                try SamplePatient.draft("Testkaas"),
                site: site,
                by: nil
            )
            let id = try await rig.add(1, DevicePatient())
            try await rig.weigh()
            try await rig.matches.decide(
                .assign(two.id),
                reading: id,
                site: site,
                version: 1,
                by: author
            )
            try await rig.patients.join(two.id, version: 1, into: one.id, site: site, by: author)
            let readings = ReadingStore(database: rig.database)
            func timeline(_ id: Identifier) async throws -> [Identifier] {
                try await readings.list(of: id, site: site, after: nil, limit: 9).map(\.id)
            }
            #expect(try await timeline(one.id) == [id])
            #expect(try await rig.match(id)?.patient?.id == one.id)
            try await rig.patients.part(two.id, site: site, by: author)
            #expect(try await timeline(one.id) == [])
            #expect(try await timeline(two.id) == [id])
        }
    }

    @Test
    func `who is at the PC while a reading is captured is a signal, before and after is none`()
        async throws
    {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            let patient = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: nil
            )
            let agent = try await SampleStore(database: rig.database, site: site).agent()
            // Samples are captured at 09:14:37.
            for (started, ended, state) in [
                ("09:00", "09:10", MatchState.nobody), ("09:20", "09:30", .nobody),
                ("09:10", "09:20", .proposed),
            ] {
                try await rig.database.execute(
                    """
                    INSERT INTO workstation_context (id, site_id, agent_id, patient_id, how,
                        started_at, ended_at, end_reason)
                    VALUES (gen_random_uuid(), \(site), \(agent), \(patient.id), 'hand',
                        ('2026-11-20T' || \(started) || ':00Z')::timestamptz,
                        ('2026-11-20T' || \(ended) || ':00Z')::timestamptz, 'hand')
                    """
                )
                let id = try await rig.add(1, DevicePatient(), revision: ended == "09:10" ? 1 : nil)
                try await rig.queue(id, site: site)
                try await rig.weigh()
                #expect(try await rig.match(id)?.state == state, "\(started)")
            }
        }
    }

    @Test(arguments: [false, true])
    func `it rests behind each full batch while a push is in hand`(isPushed: Bool) async throws {
        try await PeopleRig.with { rig in
            _ = try await rig.site()
            for number in 0..<30 { try await rig.add(number, Self.file) }
            let rests = Mutex(0)
            var service = rig.service(batch: 4)
            service.rest = { _ in rests.withLock { $0 += 1 } }
            if isPushed { service.gauge.update { $0.begin() } }
            try await service.work()
            let rows = try await rig.database.query("SELECT count(*) AS n FROM match_work")
            #expect(try rows.first?.decode("n", as: Int.self) == 0)
            #expect(rests.withLock { $0 } == (isPushed ? 7 : 0))
        }
    }

    @Test func `several Hubs share the work and do it once`() async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            _ = try await rig.patients.register(try SamplePatient.draft(), site: site, by: nil)
            for number in 0..<30 { try await rig.add(number, Self.file) }
            let service = rig.service(batch: 4)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { try await service.work() } }
                try await group.waitForAll()
            }
            let rows = try await rig.database.query(
                """
                SELECT (SELECT count(*) FROM reading_match WHERE state = 'matched') AS matched,
                    (SELECT count(*) FROM reading_match_decision) AS decisions,
                    (SELECT count(*) FROM match_work) AS work
                """
            )
            let row = try #require(rows.first)
            #expect(try row.decode("matched", as: Int.self) == 30)
            #expect(try row.decode("decisions", as: Int.self) == 30)
            #expect(try row.decode("work", as: Int.self) == 0)
        }
    }
}

extension PeopleRig {
    var matches: MatchStore { MatchStore(database: database, clock: clock.wall) }

    func service(batch: Int = 200) -> MatchService {
        MatchService(
            database: database,
            sources: .stored,
            clock: clock.wall,
            batch: batch,
            logger: TemporaryPostgres.logger
        )
    }

    /// Does what the matching has to do.
    func weigh() async throws { try await service().work() }

    /// A reading whose file names `patient`; nil as revision leaves one that is there.
    @discardableResult
    func add(
        _ number: Int,
        _ patient: DevicePatient,
        revision: Int? = 1
    ) async throws -> Identifier {
        guard let revision else {
            return Identifier(derivedFrom: [Array("reading \(number)".utf8)])
        }
        return try await SampleStore(database: database, site: try await site())
            .add(SampleReading.refraction(patient: patient), number: number, revision: revision)
    }

    func queue(_ reading: Identifier, site: Identifier) async throws {
        try await database.withTransaction { try await MatchStore.queue(reading, site: site, $0) }
    }

    func record(_ reading: Identifier) async throws -> ReadingRecord? {
        try await ReadingStore(database: database).reading(reading, site: try await site())
    }

    func match(_ reading: Identifier) async throws -> ReadingMatch? {
        try await record(reading)?.match
    }
}
