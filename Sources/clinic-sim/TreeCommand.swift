import ArgumentParser
import Simulator

/// Writes the ClientDB of a device that has been in use for years.
struct TreeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "Write a large ClientDB of a Visionix L80: six files for each patient."
    )

    @Option(help: "How many patients.")
    var patients = 50_000
    @Option(help: "The folder to write into.")
    var into: String
    @Option(help: "Another seed gives other birth dates and values.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (1...SimulatedTree.maximumPatients).contains(patients) else {
            throw ValidationError("--patients takes 1 to \(SimulatedTree.maximumPatients).")
        }
    }

    func run() throws {
        let count = try SimulatedTree(patients: patients, seed: seed).write(into: into)
        print("\(count) files of \(patients) patients in \(into)")
    }
}
