import ClinicRig
import Foundation
import GRDB

/// A PC that is looked at: a copy of one that is in order, with a configuration of its own.
final class SickPC {
    let folder: String
    let rig: ClinicRig
    var state: String { folder + "/state" }
    var configuration: String { folder + "/agent.yaml" }
    var share: String { folder + "/share" }
    var identity: String { state + "/identity" }
    /// Undoes what would outlive the folder.
    var undo: [() -> Void] = []

    init(_ rig: ClinicRig) throws {
        self.rig = rig
        folder = "\(rig.folder)/sick-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: share,
            withIntermediateDirectories: true
        )
        try FileManager.default.copyItem(atPath: rig.agentState, toPath: state)
        try """
        workstation: Room 1
        state:
          directory: \(state)
        store:
          ballastMegabytes: 1
        control:
          socket: \(folder)/agent.sock
        sources: [l80]
        source:
          l80:
            path: \(share)
        card:
          enabled: false

        """.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    deinit {
        for step in undo { step() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Everything that `doctor` prints, and what it ends with.
    func doctor() throws -> (status: Int32, output: String) {
        let run = try RunningProcess.run("clinic-agent", ["doctor", "--config", configuration])
        return (run.status, run.output)
    }

    /// The same while the service runs.
    func doctorOfService(_ clinic: Clinic) async throws -> (status: Int32, output: String) {
        let agent = try RunningProcess(
            "clinic-agent",
            ["run", "--config", configuration],
            log: folder + "/agent.log"
        )
        defer { agent.signal(SIGKILL) }
        try await clinic.wait("the Agent of a sick PC answers") {
            let status = try RunningProcess.run(
                "clinic-agent",
                ["status", "--json", "--config", self.configuration]
            )
            // Everything has been looked at once: the disk, and the folders.
            return status.output.contains("hasBallast") && !status.output.contains("starting")
        }
        let report = try doctor()
        await agent.stop()
        return report
    }

    func write(_ text: String, to path: String, mode: Int = 0o600) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try chmod(mode, path)
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

    func chmod(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    func editConfiguration(_ change: (String) -> String) throws {
        let text = try String(contentsOfFile: configuration, encoding: .utf8)
        try write(change(text), to: configuration)
    }

    /// Changes a field of `identity.json`.
    func editIdentity(_ key: String, _ value: String) throws {
        let path = identity + "/identity.json"
        let data = try Data(contentsOf: URL(filePath: path))
        guard var fields = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw RigError("identity.json holds no object")
        }
        fields[key] = value
        try JSONSerialization.data(withJSONObject: fields).write(to: URL(filePath: path))
    }

    /// The Hub is where nobody is.
    func loseHub() throws { try editIdentity("hub", "https://127.0.0.1:1") }

    /// Another machine than the one that the state folder was used on.
    func move() throws {
        try write("another machine", to: folder + "/machine-id")
        try editConfiguration { $0 + "machine:\n  idFile: \(folder)/machine-id\n" }
    }

    func editDatabase(_ sql: String) throws {
        let queue = try DatabaseQueue(path: state + "/agent.db")
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// Changes bytes in the middle of a file, at every 32nd place from `start` on.
    func damage(_ path: String, from start: Int) throws {
        var bytes = try Data(contentsOf: URL(filePath: path))
        for index in stride(from: start, to: bytes.count, by: 32) { bytes[index] ^= 0xFF }
        try bytes.write(to: URL(filePath: path))
    }
}
