import Postgres
import Shared
import Testing

@testable import Hub

struct PatientStoreTests {
    @Test func `numbers rise by one and carry their check digits`() async throws {
        try await PeopleRig.with { rig in
            let (site, author) = (try await rig.site(), try await rig.account())
            let first = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: author
            )
            let second = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: author
            )
            #expect(first.number.description == "1000002")
            #expect(second.number.sequence == 100_001)
            #expect(try await rig.patients.patient(number: first.number, site: site) == first)
            #expect(try await rig.patients.patient(second.id, site: site) == second)
        }
    }

    @Test func `a change keeps the old version, who made it and when`() async throws {
        try await PeopleRig.with { rig in
            let (site, author) = (try await rig.site(), try await rig.account())
            let old = try await rig.patients.register(
                try SamplePatient.draft("Maiden", born: "1985"),
                site: site,
                by: author
            )
            rig.clock.advance(by: .seconds(60))
            let other = try await rig.account("second")
            let new = try await rig.patients.change(
                old.id,
                to: try SamplePatient.draft("Married"),
                version: 1,
                site: site,
                by: other
            )
            #expect(try await rig.patients.patient(old.id, site: site) == new)
            let versions = try await rig.patients.versions(of: old.id)
            #expect(versions.map(\.version) == [2, 1])
            #expect(versions.map(\.name.family) == ["Married", "Maiden"])
            #expect(versions.map { $0.birthDate?.description } == ["1985-03-14", "1985"])
            #expect(versions.map(\.changedBy) == ["Dr. second", "Dr. author"])
            #expect(versions[0].changedAt.duration(since: versions[1].changedAt) == .seconds(60))
        }
    }

    @Test func `of two changes made from one version the second is refused, whole`() async throws {
        try await PeopleRig.with { rig in
            let (site, author) = (try await rig.site(), try await rig.account())
            let patients = rig.patients
            let old = try await patients.register(try SamplePatient.draft(), site: site, by: author)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for name in ["One", "Two"] {
                    group.addTask {
                        do {
                            _ = try await patients.change(
                                old.id,
                                to: try SamplePatient.draft(name),
                                version: 1,
                                site: site,
                                by: author
                            )
                            return true
                        } catch PatientFault.stale {
                            return false
                        } catch {
                            Issue.record("\(error)")
                            return false
                        }
                    }
                }
                return await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 }.count == 1)
            #expect(try await patients.versions(of: old.id).count == 2)
        }
    }

    @Test func `another site does not know the patient`() async throws {
        try await PeopleRig.with { rig in
            let (site, author) = (try await rig.site(), try await rig.account())
            let foreign = try await rig.foreignSite()
            let patient = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: author
            )
            #expect(try await rig.patients.patient(patient.id, site: foreign) == nil)
            #expect(try await rig.patients.patient(number: patient.number, site: foreign) == nil)
            #expect(try await rig.list("testcase", site: foreign).isEmpty)
            await #expect(throws: PatientFault.unknown) {
                try await rig.patients.change(
                    patient.id,
                    to: try SamplePatient.draft("Stolen"),
                    version: 1,
                    site: foreign,
                    by: author
                )
            }
        }
    }

    @Test(arguments: [
        ("hondt emilie", true), ("EMILIE", true), ("dhondt", true), ("d'hondt", true),
        ("mar", true), ("emilie marie d'hondt", true), ("hondt 1985", true), ("14/3/1985", true),
        ("14.03.85", true), ("14031985", true), ("140385", true), ("1985-03-14", true),
        ("14 mars 1985", true), ("3/1985", true), ("1000002", true), ("1000002 hondt", true),
        ("", true), ("'; DROP TABLE patient; --", false), ("%", true), ("_milie", false),
        ("ondt", false),
        ("1000003", false), ("15/3/1985", false), ("hondt 1986", false), ("1000011", false),
    ])
    func `a patient is found by number, names in any order, and birth date`(
        text: String,
        isFound: Bool
    ) async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            _ = try await rig.patients.register(
                try SamplePatient.draft("D'Hondt", "Émilie Marie"),
                site: site,
                by: nil
            )
            #expect(try await rig.list(text, site: site).count == (isFound ? 1 : 0), "\(text)")
        }
    }

    @Test func `a changed name is found, the old one no more`() async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            let patient = try await rig.patients.register(
                try SamplePatient.draft("Müller"),
                site: site,
                by: nil
            )
            #expect(try await rig.list("mueller", site: site).count == 1)
            #expect(try await rig.list("muller", site: site).count == 1)
            _ = try await rig.patients.change(
                patient.id,
                to: try SamplePatient.draft("Weiß"),
                version: 1,
                site: site,
                by: nil
            )
            #expect(try await rig.list("mueller", site: site).isEmpty)
            #expect(try await rig.list("weiss", site: site).count == 1)
        }
    }

    @Test func `pages by name follow one another without a gap or a repetition`() async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            var expected: [String] = []
            for number in 0..<11 {
                // Two of each name, so that the number decides.
                let patient = try await rig.patients.register(
                    try SamplePatient.draft("Name\(number / 2)"),
                    site: site,
                    by: nil
                )
                expected.append(patient.number.description)
            }
            var (seen, cursor): ([String], PatientCursor?) = ([], nil)
            repeat {
                let page = try await rig.patients.list(
                    PatientQuery("name"),
                    site: site,
                    after: cursor,
                    limit: 3
                )
                seen += page.map(\.patient.number.description)
                cursor = page.last.flatMap { PatientCursor($0.cursor.text) }
            } while cursor != nil && seen.count < 20
            #expect(seen == expected)
        }
    }

    @Test func `two records are joined by a link, and parted again`() async throws {
        try await PeopleRig.with { rig in
            let (site, author) = (try await rig.site(), try await rig.account())
            let one = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: author
            )
            let two = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: author
            )
            try await rig.patients.join(two.id, version: 1, into: one.id, site: site, by: author)
            #expect(try await rig.patients.patient(two.id, site: site)?.mergedInto == one.id)
            #expect(try await rig.list("testcase", site: site).map(\.patient.id) == [one.id])
            for (id, into) in [(one.id, two.id), (two.id, one.id), (one.id, one.id)] {
                await #expect(throws: PatientFault.cannotJoin) {
                    try await rig.patients.join(id, version: 1, into: into, site: site, by: author)
                }
            }
            await #expect(throws: PatientFault.stale) {
                try await rig.patients.change(
                    two.id,
                    to: try SamplePatient.draft("Late"),
                    version: 1,
                    site: site,
                    by: author
                )
            }
            try await rig.patients.part(two.id, site: site, by: author)
            #expect(try await rig.patients.patient(two.id, site: site) == two)
            #expect(try await rig.list("testcase", site: site).count == 2)
            await #expect(throws: PatientFault.stale) {
                try await rig.patients.part(two.id, site: site, by: author)
            }
        }
    }
}

extension PeopleRig {
    fileprivate func list(_ text: String, site: Identifier) async throws -> [PatientListing] {
        try await patients.list(PatientQuery(text), site: site, after: nil, limit: 50)
    }
}
