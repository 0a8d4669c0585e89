import ClinicRig
import Foundation
import GRDB
import Simulator

/// What an Agent holds while it takes one document after the other.
struct MemoryBench {
    let documents: Int

    private static let batch = 1000

    func run() async throws -> [Figure] {
        let rig = try ClinicRig()
        let agent = try await rig.startAgent()
        do {
            let figures = try await measure(rig, agent)
            await agent.stop()
            rig.remove()
            return figures
        } catch {
            await agent.stop()
            rig.remove()
            throw error
        }
    }

    private func measure(_ rig: ClinicRig, _ agent: RunningProcess) async throws -> [Figure] {
        let store = try BenchClinic.openStore(rig)
        defer { try? store.close() }
        var streams = [SimulatedDevice.cv5000, .cl300, .kr800s, .trk2p].map {
            SimulatedDocuments(device: $0, seed: 81)
        }
        var samples: [Double] = []
        var written = 0
        let start = ContinuousClock.now
        while written < documents {
            var paths: [String] = []
            for number in 0..<Self.batch {
                guard let file = streams[number % streams.count].next() else { continue }
                let path = "\(rig.share("cv5000"))/\(file.name)"
                try Data(file.bytes).write(to: URL(filePath: path), options: .atomic)
                paths.append(path)
            }
            written += paths.count
            let wanted = written
            try await rig.wait("\(wanted) documents are durable", of: agent, seconds: 300) {
                try BenchClinic.captured(in: store) >= wanted
            }
            // The device's user clears the folder now and then.
            for path in paths { try FileManager.default.removeItem(atPath: path) }
            samples.append(try ProcessUsage(agent.pid).residentMegabytes)
        }
        let seconds = (.now - start).milliseconds / 1000
        // The first fifth fills caches and pools.
        let early = samples.dropFirst(samples.count / 5).prefix(max(1, samples.count / 10))
        let late = samples.suffix(max(1, samples.count / 10))
        return [
            Figure(
                name: "Agent's memory after \(documents) documents",
                value: late.max() ?? .nan,
                unit: "MB"
            ),
            Figure(
                name: "its growth over the last four fifths",
                value: (late.max() ?? .nan) - (early.max() ?? .nan),
                unit: "MB",
                promise: .atMost(4)
            ),
            Figure(
                name: "their capture, with a folder that is cleared",
                value: Double(documents) / seconds,
                unit: "documents/s"
            ),
        ]
    }
}
