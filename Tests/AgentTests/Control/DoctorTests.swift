import Dispatch
import Foundation
import Shared
import Testing

@testable import Agent

@Suite struct `The doctor` {
    private let folder: TemporaryFolder
    private var configuration: AgentConfiguration

    init() throws {
        folder = try TemporaryFolder()
        configuration = .sample
        configuration.stateDirectory = folder.path
    }

    private func findings(
        credential: [UInt8]? = nil,
        clock: WallClock = WallClock { AgentWorld.now }
    ) async -> [String: DoctorFinding] {
        let doctor = Doctor(configuration: configuration, clock: clock)
        let report = await DoctorReport(running: doctor.checks(credential: credential))
        return Dictionary(uniqueKeysWithValues: report.findings.map { ($0.name, $0) })
    }

    @Test mutating func `finds a PC in order before its first start`() async throws {
        let share = try TemporaryFolder()
        configuration.sources = [
            SourceConfiguration(name: "l80", path: share.path, kind: .clientdb)
        ]
        let findings = await findings()
        #expect(
            Set(findings.keys) == [
                "configuration", "state folder", "free space", "disk", "ballast", "sealing key",
                "database",
                "clock", "source l80",
            ]
        )
        for (name, finding) in findings where name != "free space" {
            #expect(finding.verdict == .ok, "\(finding.detail)")
        }
        #expect(try folder.contents().isEmpty)
    }

    @Test mutating func `names a share that is away, a state folder that is open, and no sources`()
        async throws
    {
        #expect(await findings()["configuration"]?.verdict == .warning)
        configuration.sources = [
            SourceConfiguration(name: "l80", path: folder.path + "/gone", kind: .clientdb)
        ]
        chmod(folder.path, 0o755)
        let findings = await findings()
        #expect(findings["source l80"]?.verdict == .problem)
        #expect(findings["state folder"]?.verdict == .problem)
        for finding in findings.values where finding.verdict != .ok {
            #expect(finding.fix?.isEmpty == false)
        }
        chmod(folder.path, 0o700)
    }

    @Test func `misses the key of a store that exists`() async throws {
        try AgentWorld(folder: folder).store.close()
        #expect(await findings()["sealing key"]?.verdict == .problem)
        #expect(await findings(credential: AgentWorld.key)["sealing key"]?.verdict == .ok)
        #expect(await findings(credential: [1])["sealing key"]?.verdict == .problem)
    }

    @Test func `sees a damaged database and a file that is none`() async throws {
        let world = try AgentWorld(folder: folder)
        for number in 0..<200 { _ = try await world.capture(.wavefront(.left, number: number)) }
        try world.store.close()
        #expect(await findings()["database"]?.verdict == .ok)
        try folder.write(Array("no database at all, only words and words".utf8), to: "agent.db")
        #expect(await findings()["database"]?.verdict == .problem)
    }

    @Test func `sees a clock that stands years back, or before the last capture`() async throws {
        let early = WallClock { Instant(milliseconds: 0) }
        #expect(await findings(clock: early)["clock"]?.verdict == .problem)
        let world = try AgentWorld(folder: folder)
        _ = try await world.capture(.prescription())
        let behind = WallClock { AgentWorld.now.advanced(by: .seconds(-3600)) }
        let checks = Doctor(configuration: configuration, clock: behind)
            .checks(store: world.store, monitors: [])
        let report = await DoctorReport(running: checks)
        #expect(report.findings.first { $0.name == "clock" }?.verdict == .warning)
        #expect(report.findings.first { $0.name == "database" }?.verdict == .ok)
    }

    @Test func `ends a look at what hangs`() async {
        let gate = DispatchSemaphore(value: 0)
        let answer = await Workbench().run(within: .milliseconds(1)) {
            gate.wait()
            return true
        }
        #expect(answer == nil)
        gate.signal()
    }
}
