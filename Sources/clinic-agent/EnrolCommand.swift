import Agent
import ArgumentParser
import Foundation
import Systemd

/// `clinic-agent enrol`: turns an invitation code into this PC's identity.
struct EnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Make this PC an agent of a Hub, with a code from an administrator.",
        discussion: """
            The code comes from “clinic-hub agent invite” and works once. It also tells this PC \
            how to recognise the Hub, so that nothing is sent to another server. The daemon \
            notices the enrolment by itself.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The Hub's address for agents, such as https://hub.clinic.example:8444.")
    var hub: String?

    @Flag(help: "Replace the identity that this PC has; the Hub keeps what it has received.")
    var replace = false

    @Argument(help: "The invitation code, from CG1 to its last character.")
    var code: [String]

    func run() async throws {
        let configuration = try await options.load()
        guard let hub = hub ?? configuration.hubURL else {
            throw ValidationError("Name the Hub: --hub https://HOST:8444, or hub.url in the file.")
        }
        let enrolment = Enrolment(
            folder: IdentityFolder(state: configuration.stateDirectory),
            software: AgentVersion.current
        )
        do {
            let identity = try await enrolment.enrol(
                code: code.joined(separator: " "),
                hub: hub,
                replace: replace
            )
            print(
                """
                This PC is now “\(identity.workstation)” of \(identity.siteName).
                Its certificate is valid until \(identity.certificateExpiresAt) and renews itself.
                """
            )
        } catch let error as EnrolmentError {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(error.exitStatus)
        }
    }
}
