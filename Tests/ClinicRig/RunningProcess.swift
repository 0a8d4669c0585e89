import Foundation
import Synchronization

/// A program of the product as a real process, with its output in a file.
package final class RunningProcess: Sendable {
    /// The program's name, for messages.
    package let name: String
    /// Where its output goes.
    package let log: String
    private let process: Mutex<Process>

    /// Starts `program` of the product.
    package init(
        _ program: String,
        _ arguments: [String],
        log: String,
        environment: [String: String] = [:]
    ) throws {
        name = program
        self.log = log
        let process = Process()
        process.executableURL = URL(filePath: Products.path(program))
        process.arguments = arguments
        process.environment = Self.surroundings(environment)
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let output = try FileHandle(forWritingTo: URL(filePath: log))
        try output.seekToEnd()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process = Mutex(process)
    }

    /// What a program finds: our own environment and `given`.
    ///
    /// It finds no card reader unless `given` names a pcscd: the virtual readers of another test
    /// are none of its business.
    package static func surroundings(_ given: [String: String] = [:]) -> [String: String] {
        ProcessInfo.processInfo.environment
            .merging(["PCSCLITE_CSOCK_NAME": "/nonexistent/pcscd.comm"]) { _, none in none }
            .merging(given) { _, given in given }
    }

    package var pid: Int32 { process.withLock { $0.processIdentifier } }

    package var isRunning: Bool { process.withLock { $0.isRunning } }

    /// Its exit status, once it has ended.
    package var status: Int32 { process.withLock { $0.terminationStatus } }

    /// What it has printed so far.
    package var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Sends a signal.
    package func signal(_ number: Int32) {
        if isRunning { kill(pid, number) }
    }

    /// Ends it at once, as a power cut would.
    package func killAtOnce() async {
        signal(SIGKILL)
        await ended()
    }

    /// Asks it to end and waits; ends it at once where it does not within 20 s.
    package func stop() async {
        signal(SIGTERM)
        let deadline = ContinuousClock.now + .seconds(20)
        while isRunning, .now < deadline { try? await Task.sleep(for: .milliseconds(10)) }
        await killAtOnce()
    }

    private func ended() async {
        while isRunning { try? await Task.sleep(for: .milliseconds(2)) }
    }

    /// Runs `program` to its end and answers what it printed on standard output.
    @discardableResult
    package static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(filePath: Products.path(program))
        process.arguments = arguments
        process.environment = Self.surroundings(environment)
        // Files, not pipes: a program that another test starts in this very moment may hold a pipe
        // open for as long as it runs.
        let folder = try FileManager.default.url(
            for: .itemReplacementDirectory,
            in: .userDomainMask,
            appropriateFor: URL(filePath: NSTemporaryDirectory()),
            create: true
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["output", "errors"].map { folder.appending(path: $0) }
        for file in files { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return (process.terminationStatus, texts[0], texts[1])
    }
}

/// Where the built programs lie: beside the one that is running.
package enum Products {
    /// The path of a program of the product.
    package static func path(_ program: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let folder = ((own ?? CommandLine.arguments[0]) as NSString).deletingLastPathComponent
        return folder + "/" + program
    }
}
