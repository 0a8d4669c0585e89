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
        let start = ContinuousClock.now
        for file in files { _ = try clinic.write(file, into: "cv5000") }
        let written = (.now - start).milliseconds / 1000
        while try clinic.captured() < before + files.count {
            try await Task.sleep(for: .milliseconds(5))
        }
        let captured = (.now - start).milliseconds / 1000
        while await clinic.rig.count("document") ?? 0 < hubBefore + files.count {
            try await Task.sleep(for: .milliseconds(50))
        }
        let arrived = (.now - start).milliseconds / 1000
        let count = Double(files.count)
        return [
            Figure(name: "writing \(files.count) files took", value: written, unit: "s"),
            Figure(
                name: "sustained capture (5 readings each)",
                value: count / captured,
                unit: "documents/s",
                promise: .atLeast(500)
            ),
            Figure(
                name: "sustained to the Hub's commit",
                value: count / arrived,
                unit: "documents/s"
            ),
        ]
    }
}
