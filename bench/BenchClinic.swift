import ClinicRig
import Foundation
import GRDB
import Simulator

/// A clinic whose Agent is watched from outside.
struct BenchClinic: Sendable {
    let rig: ClinicRig
    let hub: RunningProcess
    let agent: RunningProcess
    /// The Agent's database, read beside it.
    let store: DatabaseQueue

    /// `prepare` comes between the enrolment and the start of the Agent.
    static func start(
        environment: [String: String] = [:],
        prepare: (ClinicRig) throws -> Void = { _ in }
    ) async throws -> BenchClinic {
        let rig = try ClinicRig()
        let hub = try await rig.startHub()
        try rig.enrol()
        try prepare(rig)
        let agent = try await rig.startAgent(environment: environment)
        return BenchClinic(rig: rig, hub: hub, agent: agent, store: try openStore(rig))
    }

    static func openStore(_ rig: ClinicRig) throws -> DatabaseQueue {
        let path = try FileManager.default.contentsOfDirectory(atPath: rig.agentState)
            .first { $0.hasSuffix(".sqlite") || $0.hasSuffix(".db") }
        guard let path else { throw RigError("the Agent has no database") }
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(
            path: "\(rig.agentState)/\(path)",
            configuration: configuration
        )
    }

    /// How many documents are durable in the Agent.
    func captured() throws -> Int { try Self.captured(in: store) }

    /// How many documents are durable in an Agent's database.
    static func captured(in store: DatabaseQueue) throws -> Int {
        try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM document") ?? 0 }
    }

    /// Puts a file into a share, whole, and answers when it was complete.
    func write(_ file: SimulatedFile, into share: String) throws -> ContinuousClock.Instant {
        let path = ([rig.share(share)] + file.path).joined(separator: "/")
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        try Data(file.bytes).write(to: URL(filePath: path + ".tmp"))
        let complete = ContinuousClock.now
        guard rename(path + ".tmp", path) == 0 else { throw RigError("rename: \(errno)") }
        return complete
    }

    func stop() async {
        try? store.close()
        await agent.stop()
        await hub.stop()
        rig.remove()
    }
}
