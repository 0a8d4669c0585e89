import ClinicRig
import Foundation
import Glibc
import Shared

/// The real Agent on a computer whose devices a test plugs in and out.
actor HotplugRig {
    /// Everything of this rig lies below.
    nonisolated let folder: String
    private let process: Process
    private let commands: FileHandle
    private let answers: FileHandle
    private var unread: [UInt8] = []

    private static var testbed: String {
        let folder = (#filePath as NSString).deletingLastPathComponent
        return folder + "/testbed.py"
    }

    /// Runs `body` with an Agent that runs, and leaves no process and no file behind.
    static func run(rules: String = "", _ body: (HotplugRig) async throws -> Void) async throws {
        let rig = try HotplugRig(rules: rules)
        do {
            try await rig.start()
            try await body(rig)
            try await rig.tell("stop")
            await rig.end()
        } catch {
            let log = try? String(contentsOfFile: rig.folder + "/agent.log", encoding: .utf8)
            print(log?.suffix(4000) ?? "")
            await rig.end()
            throw error
        }
    }

    private init(rules: String) throws {
        var template = Array((NSTemporaryDirectory() + "/clinic-hotplug-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw RigError("no temporary folder") }
        let path = template.dropLast().map(UInt8.init(bitPattern:))
        folder = String(decoding: path, as: UTF8.self)
        let configuration = """
            workstation: Room 1
            state:
              directory: \(folder)/state
            control:
              socket: \(folder)/agent.sock
            media:
              directory: \(folder)/media
            \(rules)
            """
        try configuration.write(toFile: folder + "/agent.yaml", atomically: true, encoding: .utf8)
        try FileManager.default.createDirectory(
            atPath: folder + "/media",
            withIntermediateDirectories: true
        )
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        // Mounts of its own; who is not root gets a user namespace with it.
        let namespace = geteuid() == 0 ? ["-m"] : ["-rm"]
        process.arguments =
            namespace + [
                "--propagation", "private", "umockdev-wrapper", "/usr/bin/python3", Self.testbed,
                folder + "/media", folder + "/agent.log", Products.path("clinic-agent"), "run",
                "--config", folder + "/agent.yaml",
            ]
        process.environment = RunningProcess.surroundings()
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        commands = input.fileHandleForWriting
        answers = output.fileHandleForReading
        try process.run()
    }

    /// Starts the Agent; returns when it answers.
    func start() async throws {
        try tell("start")
        try await wait("the Agent answers") { try self.isAnswering() }
    }

    private func isAnswering() throws -> Bool {
        try ask("status", "--json") != nil
    }

    /// Gives the testbed a command and takes its answer.
    @discardableResult
    func tell(_ words: String...) throws -> String {
        try tell(words)
    }

    private func tell(_ words: [String]) throws -> String {
        try commands.write(contentsOf: Data((words.joined(separator: " ") + "\n").utf8))
        let line = try readLine()
        guard line.hasPrefix("ok") else { throw RigError("\(words[0]): \(line)") }
        return String(line.dropFirst(3))
    }

    private func readLine() throws -> String {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let data = answers.availableData
            guard !data.isEmpty else { throw RigError("the testbed has ended") }
            unread += data
        }
    }

    /// What a command of the Agent prints as JSON; nil where it fails.
    func ask(_ arguments: String...) throws -> [String: Any]? {
        let words = try tell(["run"] + arguments + ["--config", folder + "/agent.yaml"])
            .split(separator: " ")
        guard words.first == "0", words.count == 2,
            let bytes = Hexadecimal.decode(words[1])
        else { return nil }
        return try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    }

    /// The states of the devices by their keys, problems behind a slash.
    func devices() throws -> [String: String] {
        let list = try ask("devices", "--json")?["devices"] as? [[String: Any]] ?? []
        return list.reduce(into: [:]) { found, device in
            guard let key = device["key"] as? String, let state = device["state"] as? String
            else { return }
            let problem = (device["problem"] as? [String: Any])?["code"] as? String
            found[key] = problem.map { "\(state)/\($0)" } ?? state
        }
    }

    /// A number that the Agent tells of a device.
    func number(_ name: String, of key: String) throws -> Int {
        let list = try ask("devices", "--json")?["devices"] as? [[String: Any]] ?? []
        return list.first { $0["key"] as? String == key }?[name] as? Int ?? 0
    }

    /// How many operations of a kind wait for the Hub.
    func pending(_ kind: String) throws -> Int {
        let pending = try ask("status", "--json")?["pending"] as? [String: Int]
        return pending?[kind] ?? 0
    }

    /// Waits for a state that the Agent brings about.
    func wait(_ key: String, is state: String) async throws {
        var last: String?
        try await wait("\(key) is \(state)") {
            last = try self.devices()[key]
            return last == state
        }
    }

    func wait(
        _ what: String,
        seconds: Int = 60,
        until condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try await !condition() {
            guard .now < deadline else {
                throw RigError("not within \(seconds) s: \(what); \((try? devices()) ?? [:])")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Descriptors, threads, and kibibytes of memory of the Agent.
    func usage() throws -> (descriptors: Int, threads: Int, memory: Int) {
        let pid = try tell("pid")
        let manager = FileManager.default
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let memory = status.firstMatch(of: /VmRSS:\s+([0-9]+)/).flatMap { Int($0.1) } ?? 0
        return (
            try manager.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count,
            try manager.contentsOfDirectory(atPath: "/proc/\(pid)/task").count, memory
        )
    }

    /// In words and not by the end of its input alone, which a program that another test starts in
    /// this very moment may hold open; and without keeping a thread of the pool.
    private func end() async {
        try? commands.write(contentsOf: Data("quit\n".utf8))
        try? commands.close()
        let deadline = ContinuousClock.now + .seconds(20)
        while process.isRunning, .now < deadline { try? await Task.sleep(for: .milliseconds(10)) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        if ProcessInfo.processInfo.environment["CLINIC_KEEP_RIG"] == nil {
            try? FileManager.default.removeItem(atPath: folder)
        }
    }
}
