import Agent
import ArgumentParser
import Foundation
import Sync

/// Tells the browser of this PC where it stands.
struct OpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Opens the Hub in this PC's browser, as this workstation.",
        discussion: """
            The Hub gives this PC a code that no other PC can fetch, good once and for a few \
            minutes. The browser remembers the workstation from then on. Where no browser can be \
            opened, the code is printed: type it on the Hub's page "This PC".
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Flag(name: .customLong("print"), help: "Print the code and the address; open nothing.")
    var prints = false

    func run() async throws {
        try await reportingErrors {
            let configuration = try await options.load()
            let reply = try ControlClient(path: configuration.controlSocket).ask(.workstation)
            guard let workstation = reply.workstation else {
                throw ControlError(.failed, "The answer holds no code.")
            }
            if !prints, let address = workstation.address, opens(address) { return }
            print(text(of: workstation))
        }
    }

    private func text(of workstation: WorkstationReply) -> String {
        let minutes = max(1, workstation.validSeconds / 60)
        let place = workstation.address.map { "Open \($0)\nor" } ?? "Open the Hub's page"
        return """
            \(place) choose "This PC" there and type  \(workstation.code)
            It works once, within \(minutes) minutes.
            """
    }

    /// False where this PC has no browser that a program can open.
    private func opens(_ address: String) -> Bool {
        let opener = Process()
        opener.executableURL = URL(filePath: "/usr/bin/xdg-open")
        opener.arguments = [address]
        opener.standardError = FileHandle.nullDevice
        do {
            try opener.run()
            opener.waitUntilExit()
            return opener.terminationStatus == 0
        } catch {
            return false
        }
    }
}
