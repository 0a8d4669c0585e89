import ArgumentParser
import Shared
import Simulator

/// Writes many files of one device as fast as the disk takes them.
struct WriteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract: "Write files of one device at once: the same seed gives the same files."
    )

    @Option(help: "l80, vx100 or cv5000.")
    var device: SimulatedDevice
    @Option(help: "How many files.")
    var count: Int
    @Option(help: "The folder: for l80 and vx100 it is the ClientDB.")
    var into: String
    @Option(help: "Another seed gives other patients and values.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (1...1_000_000).contains(count) else {
            throw ValidationError("--count takes 1 to 1000000.")
        }
    }

    func run() throws {
        let share = ShareWriter(root: into)
        for file in SimulatedDocuments(device: device, seed: seed).prefix(count) {
            try share.write(file)
        }
        print("\(count) files of a \(device.model) in \(into)")
    }
}

extension SimulatedDevice: ExpressibleByArgument {}
