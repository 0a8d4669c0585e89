import Foundation
import Glibc
import Hub
package import Postgres
import Shared
import Synchronization

/// A whole clinic on this machine, of real processes: a Hub on its embedded Postgres, and an Agent
/// enrolled with it that watches a folder for each device.
package final class ClinicRig: Sendable {
    /// Everything of this clinic lies below.
    package let folder: String
    package let webPort: Int
    package let agentsPort: Int
    /// The clinician who may sign in.
    package let email = "clinician@clinic.example"
    package let password = "a long invented passphrase"
    /// The secret of their authenticator app.
    private let appSecret = Array("12345678901234567890".utf8)
    private let lastStep = Mutex<Int64>(0)

    /// A clinic in a new folder, nothing started.
    package init() throws {
        let template = NSTemporaryDirectory() + "/clinic-rig-XXXXXX"
        var path = Array(template.utf8CString)
        guard mkdtemp(&path) != nil else { throw RigError("no temporary folder") }
        folder = String(decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        // The database drops root, so its user has to reach the folder.
        chmod(folder, 0o755)
        webPort = try Self.freePort()
        agentsPort = try Self.freePort()
        for device in ["l80", "vx100", "cv5000"] {
            try FileManager.default.createDirectory(
                atPath: share(device),
                withIntermediateDirectories: true
            )
        }
        try configuration.write(toFile: configurationPath, atomically: true, encoding: .utf8)
    }

    /// The folder that a device writes into.
    package func share(_ device: String) -> String { "\(folder)/shares/\(device)" }

    package var configurationPath: String { folder + "/agent.yaml" }
    package var hubState: String { folder + "/hub" }
    package var agentState: String { folder + "/agent" }
    package var web: String { "http://127.0.0.1:\(webPort)" }

    private var configuration: String {
        """
        workstation: Room 1
        state:
          directory: \(agentState)
        control:
          socket: \(folder)/agent.sock
        sources: [l80, vx100, cv5000]
        source:
          l80:
            path: \(share("l80"))
            kind: clientdb
          vx100:
            path: \(share("vx100"))
            kind: clientdb
          cv5000:
            path: \(share("cv5000"))

        """
    }

    /// Lets the Hub send to devices: a source's name, the kind, and the share to write to.
    ///
    /// The Agent has to be started anew.
    package func allowSending(_ devices: [(source: String, kind: String, share: String)]) throws {
        var text = try String(contentsOfFile: configurationPath, encoding: .utf8)
        for device in devices {
            try FileManager.default.createDirectory(
                atPath: share(device.share),
                withIntermediateDirectories: true
            )
            let path = "    path: \(share(device.source))\n"
            text = text.replacing(
                path,
                with: path + "    send: \(device.kind)\n    sendPath: \(share(device.share))\n"
            )
        }
        try text.write(toFile: configurationPath, atomically: true, encoding: .utf8)
    }

    /// Has the Agent trust a root of test cards, given in PEM; it has to be started anew.
    package func trust(testRoot pem: String) throws {
        let path = folder + "/test-root.pem"
        try pem.write(toFile: path, atomically: true, encoding: .utf8)
        var text = try String(contentsOfFile: configurationPath, encoding: .utf8)
        text += "card:\n  testRoots: [\(path)]\n"
        try text.write(toFile: configurationPath, atomically: true, encoding: .utf8)
    }

    /// Changes the site as an administrator does; the Hub runs.
    package func setSite(_ options: [String]) throws {
        try expectSuccess(
            "clinic-hub",
            ["site", "set", "Clinic", "--state", hubState, "--embedded-postgres"] + options
        )
    }

    /// The code by which a browser says that it stands at the Agent's PC; the Agent runs.
    package func workstationCode() throws -> String {
        let text = try expectSuccess(
            "clinic-agent",
            ["open", "--print", "--config", configurationPath]
        )
        guard let code = text.firstMatch(of: /type\s+([A-Z0-9]+-[A-Z0-9]+)/) else {
            throw RigError("no code in: \(text)")
        }
        return String(code.output.1)
    }

    /// Gives somebody of IT a login with the clinician's password and app; the Hub runs.
    package func addIT(_ email: String) throws {
        try expectSuccess(
            "clinic-hub",
            [
                "user", "add", "--state", hubState, "--embedded-postgres", "--email", email,
                "--name", "Test IT", "--role", "it", "--password-file", folder + "/password",
                "--app-secret-file", folder + "/secret",
            ]
        )
    }

    /// Shuts every agent out, as an administrator does at the server; the Hub runs.
    package func revokeAgents() throws {
        let database = ["--state", hubState, "--embedded-postgres"]
        let list = try expectSuccess("clinic-hub", ["agent", "list"] + database)
        for line in list.split(separator: "\n") {
            let id = line.prefix { $0 != "\t" }
            try expectSuccess("clinic-hub", ["agent", "revoke"] + database + [String(id)])
        }
    }

    /// What a command of the Hub prints, beside the Hub that runs.
    @discardableResult
    package func hubCommand(_ arguments: [String]) throws -> String {
        try expectSuccess(
            "clinic-hub",
            arguments + ["--state", hubState, "--embedded-postgres"]
        )
    }

    /// Starts the Hub; returns when it answers.
    package func startHub() async throws -> RunningProcess {
        let hub = try RunningProcess(
            "clinic-hub",
            [
                "serve", "--state", hubState, "--embedded-postgres",
                "--web", "127.0.0.1:\(webPort)", "--agents", "127.0.0.1:\(agentsPort)",
            ],
            log: folder + "/hub.log"
        )
        try await wait("the Hub answers", of: hub) { await self.isOpen(self.webPort) }
        try await wait("the Hub answers agents", of: hub) { await self.isOpen(self.agentsPort) }
        return hub
    }

    /// Makes the login and enrols the Agent, at another port where something stands between; the Hub
    /// runs.
    package func enrol(through port: Int? = nil) throws {
        let passwordPath = folder + "/password"
        try password.write(toFile: passwordPath, atomically: true, encoding: .utf8)
        let secretPath = folder + "/secret"
        try Base32.encode(appSecret).write(toFile: secretPath, atomically: true, encoding: .utf8)
        try expectSuccess(
            "clinic-hub",
            [
                "user", "add", "--state", hubState, "--embedded-postgres", "--email", email,
                "--name", "Test Clinician",
                "--password-file", passwordPath, "--app-secret-file", secretPath,
            ]
        )
        let invitation = try expectSuccess(
            "clinic-hub",
            [
                "agent", "invite", "--state", hubState, "--embedded-postgres", "--workstation",
                "Room 1",
            ]
        )
        guard
            let code = invitation.split(whereSeparator: \.isWhitespace).first(where: {
                $0.hasPrefix("CG1-")
            })
        else { throw RigError("no code in: \(invitation)") }
        try expectSuccess(
            "clinic-agent",
            [
                "enrol", "--config", configurationPath, "--hub",
                "https://127.0.0.1:\(port ?? agentsPort)", String(code),
            ]
        )
    }

    /// Starts the Agent; returns when it is ready.
    package func startAgent(
        environment: [String: String] = [:]
    ) async throws -> RunningProcess {
        let agent = try RunningProcess(
            "clinic-agent",
            ["run", "--config", configurationPath],
            log: folder + "/agent.log",
            environment: environment
        )
        try await wait("the Agent answers", of: agent) {
            (try? self.agentStatus()) != nil
        }
        return agent
    }

    /// A code of the authenticator app that was not given before: each counts once.
    ///
    /// Three sign-ins within half a minute are possible; a fourth waits.
    func code() async throws -> String {
        while true {
            let now = OneTimeCode.step(at: WallClock.system.now())
            let step = lastStep.withLock { last -> Int64? in
                let next = max(last + 1, now - 1)
                guard next <= now + 1 else { return nil }
                last = next
                return next
            }
            if let step { return OneTimeCode.code(secret: appSecret, step: step) }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// What `clinic-agent status --json` says.
    package func agentStatus() throws -> [String: Any] {
        let result = try RunningProcess.run(
            "clinic-agent",
            ["status", "--json", "--config", configurationPath]
        )
        guard result.status == 0,
            let status = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
                as? [String: Any]
        else { throw RigError("status: \(result.status) \(result.errors)") }
        return status
    }

    /// The Hub's database, as its administrator reaches it while the Hub runs.
    package func withDatabase<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        guard let configuration = EmbeddedPostgres.existing(in: hubState + "/postgres") else {
            throw RigError("no database runs in \(hubState)")
        }
        let connection = try await PostgresConnection.connect(configuration)
        return try await body(connection)
    }

    /// How many rows of a table the Hub has; nil while the database does not answer.
    package func count(_ table: String) async -> Int? {
        try? await withDatabase { connection in
            try await connection.query("SELECT count(*) AS n FROM \(unescaped: table)")
                .first?.decode("n", as: Int.self)
        }
    }

    /// Removes everything; the processes have been stopped.
    package func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Waits for a condition that a process brings about, at most `seconds`.
    package func wait(
        _ what: String,
        of process: RunningProcess? = nil,
        seconds: Int = 60,
        until condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try await !condition() {
            if let process, !process.isRunning {
                throw RigError("\(process.name) has ended: \(process.output.suffix(2000))")
            }
            guard .now < deadline else {
                throw RigError(
                    "not within \(seconds) s: \(what) \(process?.output.suffix(2000) ?? "")"
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @discardableResult
    private func expectSuccess(_ program: String, _ arguments: [String]) throws -> String {
        let result = try RunningProcess.run(program, arguments)
        guard result.status == 0 else {
            throw RigError(
                "\(program) \(arguments[0]) ended with \(result.status): \(result.errors)"
            )
        }
        return result.output
    }

    private func isOpen(_ port: Int) async -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        return connectLoopback(socket, port: port)
    }

    private func connectLoopback(_ socket: Int32, port: Int) -> Bool {
        var address = Self.loopback(port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }

    package static func freePort() throws -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard bound else { throw RigError("no free port") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}

/// Why the rig could not do what a test asked.
package struct RigError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
