import ClinicRig
import Foundation
import Simulator
import Testing

/// A disk that is really full beneath the real Agent: a small file system holds its state folder.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: SmallDisk.isPossible, "only root, where it may mount, can make a small disk")
)
struct FullDiskTests {
    private static let mebibyte = 1_048_576

    @Test func `a full disk is told, loses nothing, and is over as soon as there is room`()
        async throws
    {
        var disk: SmallDisk?
        try await Clinic.run(prepare: { disk = try Self.prepare($0) }) { clinic in
            let disk = try #require(disk)
            defer { disk.unmount() }
            let rig = clinic.rig
            let files = Array(SimulatedDocuments(device: .cv5000, seed: 61).prefix(400))
            try clinic.write(files[0], into: "cv5000")
            try await clinic.wait("the first has arrived") { await rig.count("document") == 1 }
            try await clinic.wait("the ballast is there") { try Self.has(rig, ballast: true) }

            // Short: what is told of devices goes, and nothing else.
            try disk.fill(leaving: 6 * Self.mebibyte)
            try await clinic.wait("telemetry is given up") {
                try rig.disk()["givenUp"] as? Int ?? 0 > 0
            }
            #expect(try rig.disk()["level"] as? String == "short")
            #expect(try Self.has(rig, ballast: true))

            // Nearly full: the ballast goes, and the Hub is told while it can be.
            try disk.fill()
            try await clinic.wait("the ballast is given up") { try Self.has(rig, ballast: false) }
            try await clinic.wait("the Hub shows it") {
                await rig.count("device WHERE body ->> 'problem' LIKE '%diskNearlyFull%'") == 3
            }
            try clinic.write(files[1], into: "cv5000")
            try await clinic.wait("what the ballast had room for arrives") {
                await rig.count("document") == 2
            }

            let written = try await Self.refuse(clinic, disk, files)
            let acknowledged = try StoredOperations(rig: rig).ofAgent(settled: true)
            try await Self.expectTold(clinic)

            // Room: without a restart, from the files that stayed where they were.
            disk.empty()
            let began = ContinuousClock.now
            try await clinic.wait("everything has arrived", seconds: 30) {
                await rig.count("document") == written
            }
            try await clinic.wait("the ballast is back", seconds: 10) {
                try Self.has(rig, ballast: true) && rig.disk()["refusingSince"] == nil
            }
            print("full disk: all \(written) are here \(ContinuousClock.now - began) after room")
            try await clinic.wait("the Hub shows that it is over") {
                await rig.count("agent WHERE storage IN ('refusing', 'critical')") == 0
            }
            try await Self.expectNothingLost(clinic, acknowledged, files.prefix(written))
        }
    }

    private static func prepare(_ rig: ClinicRig) throws -> SmallDisk {
        let text = try String(contentsOfFile: rig.configurationPath, encoding: .utf8)
        try (text + "\nstore:\n  ballastMegabytes: 1\n")
            .write(toFile: rig.configurationPath, atomically: true, encoding: .utf8)
        return try SmallDisk(beneath: rig.agentState, megabytes: 24)
    }

    private static func has(_ rig: ClinicRig, ballast: Bool) throws -> Bool {
        try rig.disk()["hasBallast"] as? Bool == ballast
    }

    /// Takes all room and goes on measuring until nothing is stored any more; answers how many
    /// files there are.
    private static func refuse(
        _ clinic: Clinic,
        _ disk: SmallDisk,
        _ files: [SimulatedFile]
    ) async throws -> Int {
        var written = 2
        try await clinic.wait("nothing can be stored") {
            try disk.fill()
            try clinic.write(files[written], into: "cv5000")
            written += 1
            return try clinic.rig.disk()["refusingSince"] != nil
        }
        for file in files.dropFirst(written).prefix(4) { try clinic.write(file, into: "cv5000") }
        return written + 4
    }

    /// Everybody who asks is told: at the PC, and at the Hub.
    private static func expectTold(_ clinic: Clinic) async throws {
        let rig = clinic.rig
        let status = try RunningProcess.run(
            "clinic-agent",
            ["status", "--config", rig.configurationPath]
        )
        #expect(status.output.contains("Nothing can be stored since"))
        #expect(status.output.contains("REFUSED"))
        let doctor = try RunningProcess.run(
            "clinic-agent",
            ["doctor", "--config", rig.configurationPath]
        )
        #expect(doctor.status == 2)
        #expect(doctor.output.contains("Nothing can be stored since"))
        #expect(doctor.output.contains("First: free space: "))
        let browser = try await Browser(rig)
        try await clinic.wait("the Agents page says so") {
            try await browser.get("/agents").text.contains("Disk full")
        }
    }

    private static func expectNothingLost(
        _ clinic: Clinic,
        _ acknowledged: Set<String>,
        _ files: ArraySlice<SimulatedFile>
    ) async throws {
        let stored = StoredOperations(rig: clinic.rig)
        let hub = try await stored.ofHub()
        #expect(acknowledged.subtracting(hub) == [])
        #expect(hub.count == Set(hub).count)
        #expect(await clinic.rig.count("operation WHERE verdict <> 'applied'") == 0)
        for file in files {
            let path = ([clinic.rig.share("cv5000")] + file.path).joined(separator: "/")
            #expect(try Data(contentsOf: URL(filePath: path)) == Data(file.bytes))
        }
    }
}

extension ClinicRig {
    /// How the running Agent says that its disk stands.
    func disk() throws -> [String: Any] {
        try agentStatus()["disk"] as? [String: Any] ?? [:]
    }
}
