import ClinicRig
import Foundation
import Postgres
import Simulator

/// A clinic that runs, and whose parts a test kills and starts.
actor Clinic {
    nonisolated let rig: ClinicRig
    /// What stands between Agent and Hub, where a test wants something there.
    nonisolated let proxy: FaultProxy?
    private var hub: RunningProcess?
    private var agent: RunningProcess?
    /// What the Agent finds beside our own environment.
    private let environment: [String: String]

    private init(_ rig: ClinicRig, _ proxy: FaultProxy?, _ environment: [String: String]) {
        self.rig = rig
        self.proxy = proxy
        self.environment = environment
    }

    /// Runs `body` with a clinic, and leaves no process and no file behind.
    ///
    /// `prepare` comes between the enrolment and the first start of the Agent, which reaches the Hub
    /// `through` what is given.
    static func run(
        environment: [String: String] = [:],
        prepare: (ClinicRig) throws -> Void = { _ in },
        through: (ClinicRig) throws -> FaultProxy? = { _ in nil },
        _ body: (Clinic) async throws -> Void
    ) async throws {
        let rig = try ClinicRig()
        let clinic = Clinic(rig, try through(rig), environment)
        do {
            try await clinic.startHub()
            try clinic.rig.enrol(through: clinic.proxy?.port)
            try prepare(clinic.rig)
            try await clinic.startAgent()
            try await body(clinic)
            await clinic.stop()
        } catch {
            await clinic.stop()
            throw error
        }
    }

    func startHub() async throws { hub = try await rig.startHub() }

    func startAgent() async throws { agent = try await rig.startAgent(environment: environment) }

    func stopHub() async { await hub?.stop() }

    func stopAgent() async { await agent?.stop() }

    /// What Agent and Hub ended with; nil where one never ran.
    var endings: (agent: Int32?, hub: Int32?) { (agent?.status, hub?.status) }

    func killAgent() async throws {
        await agent?.killAtOnce()
        try await startAgent()
    }

    func killHub() async throws {
        await hub?.killAtOnce()
        try await startHub()
    }

    /// Kills the database's first process; the Hub starts it again.
    nonisolated func killPostgres() throws {
        let pidFile = try FileManager.default.subpathsOfDirectory(atPath: rig.hubState)
            .first { $0.hasSuffix("postmaster.pid") }
        guard let pidFile,
            let text = try? String(contentsOfFile: "\(rig.hubState)/\(pidFile)", encoding: .utf8),
            let pid = text.split(separator: "\n").first.flatMap({ Int32($0) })
        else { throw RigError("no postmaster.pid") }
        kill(pid, SIGKILL)
    }

    /// Puts a file into a device's share, whole: written beside and renamed.
    nonisolated func write(_ file: SimulatedFile, into share: String) throws {
        let path = ([rig.share(share)] + file.path).joined(separator: "/")
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        try Data(file.bytes).write(to: URL(filePath: path + ".tmp"))
        try FileManager.default.moveItem(atPath: path + ".tmp", toPath: path)
    }

    nonisolated func pendingDocuments() throws -> Int {
        let pending = try rig.agentStatus()["pending"] as? [String: Int]
        return pending?["document"] ?? 0
    }

    /// Documents that the Agent has taken since its start.
    nonisolated func capturedDocuments() throws -> Int {
        let sources = try rig.agentStatus()["sources"] as? [[String: Any]] ?? []
        return sources.reduce(0) { $0 + ($1["documents"] as? Int ?? 0) }
    }

    nonisolated func wait(
        _ what: String,
        seconds: Int = 60,
        until condition: () async throws -> Bool
    ) async throws {
        try await rig.wait(what, seconds: seconds, until: condition)
    }

    /// Ends every connection of the Hub to its database.
    nonisolated func terminateConnections() async throws {
        try await rig.withDatabase { connection in
            _ = try await connection.query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
                """
            )
        }
    }

    private func stop() async {
        proxy?.stop()
        await agent?.stop()
        await hub?.stop()
        if ProcessInfo.processInfo.environment["CLINIC_KEEP_RIG"] == nil { rig.remove() }
    }
}
