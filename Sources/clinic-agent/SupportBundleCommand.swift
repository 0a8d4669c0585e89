import Agent
import ArgumentParser
import Foundation
import Shared

/// `clinic-agent support-bundle`: one file for whoever helps, without any patient's data.
struct SupportBundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "support-bundle",
        abstract: "Makes one file for whoever helps: how this PC is, and nothing of any patient.",
        discussion: """
            The file is a gzipped tar archive, for its owner alone. It holds:

            \(SupportBundle.contents.map { "  \($0.name): \($0.what)" }.joined(separator: "\n"))

            No document, reading, file name, key or certificate is in it, and nothing is sent \
            anywhere. Look through it before you pass it on: tar --extract --file FILE. Run it as \
            root, so that it may read the store and the journal.

            Ends with 0 where the file is made, 73 where it cannot be, or is there already.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Option(
        name: .shortAndLong,
        help: "Where to write it; by default clinic-agent-support-TIME.tar.gz here.",
        completion: .file()
    )
    var output: String?

    func run() async throws {
        try await reportingErrors {
            let configuration = try await options.load()
            let now = WallClock.system.now()
            let bundle = SupportBundle(
                configuration: configuration,
                status: Self.status(configuration),
                doctor: await DoctorCommand.report(configuration),
                journal: Self.journal(),
                now: now
            )
            let stamp = "\(now)".filter { $0.isNumber || $0 == "T" }.prefix(15)
            let path = output ?? "clinic-agent-support-\(stamp).tar.gz"
            try Self.write(try bundle.archive(), to: path)
            print("\(path) is made. Look through it before you pass it on.")
        }
    }

    /// Nil where no service runs.
    private static func status(_ configuration: AgentConfiguration) -> StatusReport? {
        try? ControlClient(path: configuration.controlSocket).ask(.status).status
    }

    /// What the service and systemd itself have said of the unit; none where there is no journal.
    private static func journal() -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/journalctl")
        process.arguments = [
            "--unit=clinic-agent", "--identifier=clinic-agent", "--identifier=systemd",
            "--lines=\(SupportBundle.maximumLines)", "--no-pager", "--no-hostname", "--quiet",
            "--output=short-iso",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return [] }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// A file that is there is never written over.
    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let reason =
                errno == EEXIST ? "is there already" : "cannot be made (errno \(errno))"
            printError("\(path) \(reason); give another with --output.")
            throw ExitCode(ExitStatus.cannotCreate.rawValue)
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: bytes)
            try handle.close()
        } catch {
            unlink(path)
            printError("\(path) cannot be written: there may be no room.")
            throw ExitCode(ExitStatus.cannotCreate.rawValue)
        }
    }
}
