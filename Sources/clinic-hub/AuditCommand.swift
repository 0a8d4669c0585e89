import ArgumentParser
import Foundation
import Glibc
import Hub
import Shared

/// `clinic-hub audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who did what: export it, and prove that nobody changed it.",
        subcommands: [Export.self, Verify.self, Key.self]
    )

    /// `clinic-hub audit export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write every record and the signed checkpoints to a file."
        )

        @OptionGroup var arguments: HubArguments
        @Argument(help: "The new file.", completion: .file())
        var file: String

        func run() async throws {
            try await arguments.withDatabase { configuration, client in
                guard !FileManager.default.fileExists(atPath: file),
                    FileManager.default.createFile(
                        atPath: file,
                        contents: nil,
                        attributes: [.posixPermissions: 0o600]
                    ),
                    let handle = FileHandle(forWritingAtPath: file)
                else { throw ValidationError("\(file) exists already, or cannot be written.") }
                defer { try? handle.close() }
                let checkpoints = try AuditCheckpointFile(state: configuration.state).all()
                let count = try await AuditExport.write(client, checkpoints: checkpoints) {
                    try handle.write(contentsOf: Data($0.utf8))
                }
                try handle.synchronize()
                print("Wrote \(count) records and \(checkpoints.count) checkpoints to \(file).")
            }
        }
    }

    /// `clinic-hub audit verify`.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check an export; needs no database and no Hub.",
            discussion: """
                Ends with 0 where every record stands in its place unchanged, and with 65 where \
                one was edited, removed, moved, or cut off. A cut-off end shows only beside a \
                checkpoint that was kept elsewhere: give it with --checkpoints, and the key that \
                `clinic-hub audit key` printed with --key.
                """
        )

        @Argument(help: "A file of clinic-hub audit export.", completion: .file())
        var file: String
        @Option(
            help: ArgumentHelp("Checkpoints that were kept elsewhere.", valueName: "file"),
            completion: .file()
        )
        var checkpoints: String?
        @Option(help: ArgumentHelp("The public key that is trusted.", valueName: "hex"))
        var key: String?

        func run() async throws {
            var verifier = AuditVerifier(checkpoints: try kept(), trustedKey: key)
            let fault: AuditVerifier.Fault?
            do {
                fault = try AuditFile.verify(file, &verifier)
            } catch {
                throw ValidationError("\(file) cannot be read.")
            }
            if let fault {
                print(fault)
                throw ExitCode(EX_DATAERR)
            }
            print("\(verifier.records) records, each in its place and unchanged.")
            if verifier.vouched == 0 {
                print("No checkpoint vouches for them: a cut-off end would not show.")
            } else {
                print(
                    "\(verifier.agreed) checkpoints agree; records up to \(verifier.vouched) are "
                        + "vouched for."
                )
            }
        }

        private func kept() throws -> [AuditCheckpoint] {
            guard let checkpoints else { return [] }
            guard let content = FileManager.default.contents(atPath: checkpoints) else {
                throw ValidationError("\(checkpoints) cannot be read.")
            }
            do {
                return try AuditCheckpoint.lines(of: content)
            } catch {
                throw ValidationError("\(checkpoints) holds a line that is no checkpoint.")
            }
        }
    }

    /// `clinic-hub audit key`.
    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the public key of the checkpoints, to be kept elsewhere."
        )

        @OptionGroup var arguments: HubArguments

        func run() async throws {
            try await arguments.withDatabase { configuration, client in
                let keys = try await SealingKeys.open(
                    state: configuration.state,
                    database: client,
                    environment: ProcessInfo.processInfo.environment,
                    clock: .system
                )
                print(keys.auditKey.publicKey)
            }
        }
    }
}
