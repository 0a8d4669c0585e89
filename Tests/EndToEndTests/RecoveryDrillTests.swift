import ClinicRig
import Foundation
import Postgres
import Shared
import Simulator
import Testing

/// Disks that go back in time, of real processes: what was lost comes back, and nothing twice.
@Suite(.serialized) struct RecoveryDrillTests {
    private func files(_ seed: UInt64, _ count: Int) -> [SimulatedFile] {
        Array(SimulatedDocuments(device: .cv5000, seed: seed).prefix(count))
    }

    private func copy(_ folder: String, to other: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/cp")
        process.arguments = ["-a", folder, other]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw RigError("cp -a \(folder)") }
    }

    private func replace(_ folder: String, with backup: String) throws {
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.moveItem(atPath: backup, toPath: folder)
    }

    /// Nothing is shown twice, and nothing waits for a person.
    private func expectNothingTwice(_ clinic: Clinic) async throws {
        #expect(await clinic.rig.count("operation WHERE verdict = 'quarantined'") == 0)
        #expect(
            await clinic.rig.count(
                """
                (SELECT id FROM operation WHERE verdict = 'applied' GROUP BY id
                    HAVING count(*) > 1) AS twice
                """
            ) == 0
        )
    }

    /// What IT does on the Agents page about a copy: one click.
    private func approve(_ rig: ClinicRig, as name: String) async throws {
        let email = "it@clinic.example"
        try rig.addIT(email)
        let browser = try await Browser(rig, email: email)
        let page = try await browser.get("/agents").text
        #expect(page.contains("A copy of Room 1"))
        let action = try #require(page.firstMatch(of: /action="(\/agents\/copies\/[^"]+)"/)).1
        let token = try #require(page.firstMatch(of: /name="token" value="([^"]+)"/)).1
        let status = try await browser.post(
            String(action),
            [("token", String(token)), ("decision", "approved"), ("workstation", name)]
        )
        #expect(status == 303)
    }

    @Test(arguments: [true, false])
    func `a Hub that was restored from a backup gets everything back`(hasWitness: Bool) async throws
    {
        try await Clinic.run { clinic in
            let rig = clinic.rig
            let (database, backup) = (rig.hubState + "/postgres", rig.folder + "/backup")
            for file in files(11, 3) { try clinic.write(file, into: "cv5000") }
            try await clinic.wait("the first are on the Hub") { await rig.count("document") == 3 }
            await clinic.stopHub()
            try copy(database, to: backup)
            try await clinic.startHub()
            for file in files(12, 4) { try clinic.write(file, into: "cv5000") }
            try await clinic.wait("the others are on the Hub") { await rig.count("document") == 7 }
            let readings = try #require(await rig.count("reading"))
            await clinic.stopHub()
            try replace(database, with: backup)
            if !hasWitness { try FileManager.default.removeItem(atPath: rig.hubState + "/witness") }
            try await clinic.startHub()
            // The devices go on; without, the Agent looks within a minute.
            for file in files(13, 1) { try clinic.write(file, into: "cv5000") }
            try await clinic.wait("everything is back") { await rig.count("document") == 8 }
            try await clinic.wait("the recovery is over") {
                await rig.count("recovery_agent WHERE completed_at IS NOT NULL") == 1
            }
            #expect(try #require(await rig.count("reading")) > readings)
            let cause = hasWitness ? "witness" : "agent"
            #expect(await rig.count("recovery WHERE cause = '\(cause)'") == 1)
            #expect(await rig.count("recovery") == 1)
            #expect(await rig.count("recovery_agent WHERE recovered >= 4") == 1)
            #expect(await rig.count("agent_hole") == 0)
            try await expectNothingTwice(clinic)
        }
    }

    @Test func `an Agent whose disk was put back begins a new epoch`() async throws {
        try await Clinic.run { clinic in
            let rig = clinic.rig
            let backup = rig.folder + "/backup"
            for file in files(21, 2) { try clinic.write(file, into: "cv5000") }
            try await clinic.wait("the first are on the Hub") { await rig.count("document") == 2 }
            await clinic.stopAgent()
            try copy(rig.agentState, to: backup)
            try await clinic.startAgent()
            for file in files(22, 3) { try clinic.write(file, into: "cv5000") }
            try await clinic.wait("the others are on the Hub") { await rig.count("document") == 5 }
            let readings = try #require(await rig.count("reading"))
            await clinic.stopAgent()
            try replace(rig.agentState, with: backup)
            // Putting a disk back takes longer than this test has.
            _ = try await rig.withDatabase { connection in
                try await connection.execute(
                    """
                    UPDATE agent SET speaker =
                        jsonb_set(speaker, '{heardAt}', '"2026-01-01T00:00:00.000Z"')
                    """
                )
            }
            try await clinic.startAgent()
            for file in files(23, 1) { try clinic.write(file, into: "cv5000") }
            try await clinic.wait("what is new is on the Hub") { await rig.count("document") == 6 }
            #expect(await rig.count("agent_epoch WHERE epoch = 2 AND reason = 'rewound'") == 1)
            #expect(await rig.count("recovery") == 0)
            #expect(try #require(await rig.count("reading")) > readings)
            try await expectNothingTwice(clinic)
        }
    }

    @Test func `a copied disk becomes a PC of its own, and nothing is sent twice`() async throws {
        try await Clinic.run { clinic in
            let rig = clinic.rig
            for file in files(31, 2) { try clinic.write(file, into: "cv5000") }
            try await clinic.wait("the first are on the Hub") { await rig.count("document") == 2 }
            // One waits on the disk when it is copied.
            await clinic.stopHub()
            for file in files(32, 1) { try clinic.write(file, into: "cv5000") }
            try await clinic.wait("one waits") { try clinic.pendingDocuments() == 1 }
            await clinic.stopAgent()
            let second = try SecondPC(rig)
            try copy(rig.agentState, to: second.state)
            try await clinic.startHub()
            try await clinic.startAgent()
            try await clinic.wait("the original goes on") { await rig.count("document") == 3 }
            let process = try second.start()
            defer { process.signal(SIGKILL) }
            try await clinic.wait("the copy asks") { await rig.count("agent_claim") == 1 }
            #expect(await rig.count("agent") == 1)
            for file in files(33, 1) { try second.write(file) }
            try await approve(rig, as: "Room 2")
            try await clinic.wait("the copy is a PC of its own") { await rig.count("agent") == 2 }
            try await clinic.wait("its document is here") { await rig.count("document") == 4 }
            for file in files(34, 1) { try clinic.write(file, into: "cv5000") }
            try await clinic.wait("the original still sends") { await rig.count("document") == 5 }
            #expect(await rig.count("agent_epoch WHERE reason = 'cloned'") == 1)
            #expect(await rig.count("recovery") == 0)
            try await expectNothingTwice(clinic)
        }
    }
}

/// Another machine that was given a copy of the first one's disk.
private struct SecondPC {
    let state: String
    private let share: String
    private let configuration: String
    private let log: String

    init(_ rig: ClinicRig) throws {
        state = rig.folder + "/second"
        share = rig.folder + "/second-share"
        configuration = rig.folder + "/second.yaml"
        log = rig.folder + "/second.log"
        let machine = rig.folder + "/second-machine-id"
        try FileManager.default.createDirectory(
            atPath: share,
            withIntermediateDirectories: true
        )
        try "another machine".write(toFile: machine, atomically: true, encoding: .utf8)
        try """
        workstation: Room 2
        state:
          directory: \(state)
        machine:
          idFile: \(machine)
        control:
          socket: \(rig.folder)/second.sock
        sources: [cv5000]
        source:
          cv5000:
            path: \(share)

        """.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    func start() throws -> RunningProcess {
        try RunningProcess("clinic-agent", ["run", "--config", configuration], log: log)
    }

    func write(_ file: SimulatedFile) throws {
        let path = ([share] + file.path).joined(separator: "/")
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try Data(file.bytes).write(to: URL(filePath: path))
    }
}
