import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct ClinicalSettingTests {
    private static let wavefront = SampleReading.refraction(
        [3, 5, 7].flatMap { (zone: Int) in
            [
                SampleReading.value(.right, .sphere, "-2.0\(zone)") { $0.zone = zone },
                SampleReading.value(.right, .cylinder, "-0.5\(zone)") { $0.zone = zone },
                SampleReading.value(.right, .axis, "17\(zone)", .degree) { $0.zone = zone },
            ]
        },
        kind: .objectiveRefraction,
        problems: [ReadingProblem(.planeUnknown), ReadingProblem(.pdAmbiguous, eye: .both)],
        label: "WF"
    )

    private func decide(
        _ rig: PeopleRig,
        _ id: Identifier,
        by account: Identifier,
        version: Int = 0,
        isVerified: Bool = true
    ) async throws {
        try await DeviceStore(database: rig.database, clock: rig.clock.wall).change(
            DeviceStore.Change(
                device: id,
                site: try await rig.site(),
                version: version,
                what: .clinical,
                by: account,
                verifiedOn: isVerified ? CalendarDate("2026-11-19") : nil
            )
        ) { setting in
            setting.clinical.plane = .spectacle(12)
            setting.clinical.displayedZone = 7
            setting.clinical.pupillaryDistance = .half
        }
    }

    private func account(_ rig: PeopleRig) async throws -> Identifier {
        let rows = try await rig.database.query("SELECT id FROM account LIMIT 1")
        return try #require(rows.first).decode("id")
    }

    @Test func `verified settings answer in words, choose the zone, and change no number`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let id = try await SampleDevice(store: store).tell([SampleDevice.fact()])
                let reading = try await store.add(Self.wavefront, number: 1)
                let before = try await person.get("/readings").text
                #expect(before.contains("plane unknown"))
                #expect(before.contains("−2.05"))
                try await decide(rig, id, by: try await account(rig))
                let after = try await person.get("/readings").text
                #expect(!after.contains("plane unknown"))
                #expect(!after.contains("full or half PD?"))
                #expect(after.contains("at the spectacle plane, 12 mm"))
                #expect(after.contains(">plane at 12 mm</span>"))
                #expect(after.contains("half PD"))
                #expect(after.contains("−2.07"))
                #expect(after.contains("7 mm zone"))
                #expect(!after.contains("−2.05"))
                let page = try await person.get("/readings/\(reading)").text
                #expect(page.contains("shown as the device wrote it, not converted"))
                #expect(page.contains("Verified against a printout of 19 Nov 2026 by Dr. Test."))
                for zone in [3, 5, 7] { #expect(page.contains("−2.0\(zone)")) }
                let rows = try await rig.database.query(
                    "SELECT body::text AS body FROM reading_revision"
                )
                let body: String = try #require(rows.first).decode("body")
                #expect(body.contains("planeUnknown"))
            }
        }
    }

    @Test func `settings that nobody verified have no effect`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let id = try await SampleDevice(store: store).tell([SampleDevice.fact()])
                try await store.add(Self.wavefront, number: 1)
                try await decide(rig, id, by: try await account(rig), isVerified: false)
                let page = try await person.get("/readings").text
                #expect(page.contains("plane unknown"))
                #expect(page.contains("−2.05"))
            }
        }
    }

    @Test func `two devices with one source settle nothing, and neither does another PC's`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let devices = SampleDevice(store: store)
                let elsewhere = try await devices.tell(
                    [SampleDevice.fact()],
                    workstation: "Room 9"
                )
                try await store.add(Self.wavefront, number: 1)
                try await decide(rig, elsewhere, by: try await account(rig))
                #expect(try await person.get("/readings").text.contains("plane unknown"))
                let id = try await devices.tell([SampleDevice.fact()])
                try await decide(rig, id, by: try await account(rig))
                #expect(try await !person.get("/readings").text.contains("plane unknown"))
                try await devices.tell([SampleDevice.fact(key: "port:1")])
                #expect(try await person.get("/readings").text.contains("plane unknown"))
            }
        }
    }

    @Test func `a zone that a reading does not have falls back, and says which it shows`() {
        let values = [
            SampleReading.value(.right, .sphere, "-1.00") { $0.zone = 5 },
            SampleReading.value(.right, .sphere, "-2.00") { $0.zone = 3 },
        ]
        let reading = SampleReading.refraction(values, kind: .objectiveRefraction)
        let line = EyeLine(reading, eye: .right, zone: 7)
        let text = line.lines.flatMap(\.parts).map(\.text)
        #expect(text == ["−1.00", "—", "5 mm zone"])
    }

    @Test func `the device's clock is judged by the reading that came soonest`() async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            let store = SampleStore(database: rig.database, site: site)
            let id = try await SampleDevice(store: store).tell([SampleDevice.fact()])
            // Captured at 10:14:37 in Brussels; a file that waited a day says nothing.
            for (number, time) in ["2026-11-19 10:00:00", "2026-11-20 10:34:37"].enumerated() {
                try await store.add(Self.wavefront, number: number)
                try await rig.database.execute(
                    """
                    UPDATE reading SET measured_at = \(time)::timestamp
                    WHERE position = (SELECT max(position) FROM reading)
                    """
                )
            }
            let devices = DeviceStore(database: rig.database, clock: rig.clock.wall)
            let device = try #require(try await devices.device(id, site: site))
            let time = SiteTime(Site(id: site, name: "Clinic", zone: "Europe/Brussels"))
            #expect(device.clockDrift(time).map { $0.wholeMilliseconds } == 1_199_782)
            #expect(DeviceWords.drift(.seconds(1200)).text == "+20 min")
            #expect(DeviceWords.drift(.seconds(-119)).isRight)
        }
    }
}
