import ArgumentParser
import Shared
import Simulator

/// Writes many files of one device as fast as the disk takes them.
struct WriteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract: "Write files of one device at once: the same seed gives the same files."
    )

    @Option(help: ArgumentHelp(SimulatedDevice.list))
    var device: SimulatedDevice
    @Option(help: "How many files.")
    var count: Int
    @Option(help: "The folder: for l80 and vx100 it is the ClientDB.")
    var into: String
    @Option(help: "Another seed gives other patients and values.")
    var seed: UInt64 = 1
    @Option(help: ArgumentHelp("Put this fault into each file that has a place for it: \(faults)."))
    var fault: SimulatedFault?

    private static let faults = SimulatedFault.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws {
        guard (1...1_000_000).contains(count) else {
            throw ValidationError("--count takes 1 to 1000000.")
        }
    }

    func run() throws {
        let share = ShareWriter(root: into)
        for file in SimulatedDocuments(device: device, seed: seed).prefix(count) {
            guard let fault else {
                try share.write(file)
                continue
            }
            guard let broken = fault.applied(to: file, of: device) else { continue }
            try share.write(broken)
        }
        print("\(count) files of a \(device.model) in \(into)")
    }
}
