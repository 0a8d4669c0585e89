import ClinicRig
import Foundation
import Simulator

/// How many documents a second an Agent captures for as long as they come, and the Hub takes.
struct ThroughputBench {
    let clinic: BenchClinic
    let documents: Int

    func run() async throws -> [Figure] {
        let files = Array(SimulatedDocuments(device: .cv5000, seed: 78).prefix(documents))
        let before = try clinic.captured()
        let hubBefore = await clinic.rig.count("document") ?? 0
        // The files are complete before they appear: what is measured is the Agent, not the writer.
        let stage = clinic.rig.folder + "/stage"
        try FileManager.default.createDirectory(
            atPath: stage,
            withIntermediateDirectories: true
        )
        for (number, file) in files.enumerated() {
            try Data(file.bytes).write(to: URL(filePath: "\(stage)/\(number).xml"))
        }
        // In a clinic the Hub is another machine: here it stands still until all is captured.
        clinic.hub.signal(SIGSTOP)
        let start = ContinuousClock.now
        for (number, file) in files.enumerated() {
            let path = ([clinic.rig.share("cv5000")] + file.path).joined(separator: "/")
            guard rename("\(stage)/\(number).xml", path) == 0 else {
                throw RigError("rename: \(errno)")
            }
        }
        while try clinic.captured() < before + files.count {
            try await Task.sleep(for: .milliseconds(5))
        }
        let captured = (.now - start).milliseconds / 1000
        clinic.hub.signal(SIGCONT)
        let resumed = ContinuousClock.now
        while await clinic.rig.count("document") ?? 0 < hubBefore + files.count {
            try await Task.sleep(for: .milliseconds(50))
        }
        let drained = (.now - resumed).milliseconds / 1000
        let count = Double(files.count)
        return [
            Figure(
                name: "sustained capture (5 readings each)",
                value: count / captured,
                unit: "documents/s",
                promise: .atLeast(500)
            ),
            Figure(
                name: "backlog to the Hub's commit",
                value: count / drained,
                unit: "documents/s"
            ),
            Figure(
                name: "the same in operations",
                value: count * 6 / drained,
                unit: "operations/s"
            ),
        ]
    }
}
