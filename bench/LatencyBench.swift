import ClinicRig
import Foundation
import Simulator
import Synchronization

/// From a complete file to a durable document, and to an event in a signed-in browser.
struct LatencyBench {
    let clinic: BenchClinic
    let documents: Int

    func run() async throws -> [Figure] {
        let browser = try await Browser(clinic.rig)
        let arrivals = Arrivals()
        return try await withThrowingTaskGroup(of: [Figure]?.self) { group in
            group.addTask {
                try await browser.events("/live/readings?after=0") { event in
                    if event.contains("data:") { arrivals.note() }
                    return true
                }
                return nil
            }
            group.addTask { try await measure(arrivals) }
            defer { group.cancelAll() }
            while let figures = try await group.next() {
                if let figures { return figures }
            }
            throw RigError("the event stream ended")
        }
    }

    private func measure(_ arrivals: Arrivals) async throws -> [Figure] {
        try await Task.sleep(for: .seconds(1))
        var durable: [Double] = []
        var visible: [Double] = []
        for file in SimulatedDocuments(device: .l80, seed: 77).prefix(documents)
        where file.path.last?.contains("Meas") == true {
            let (known, shown) = (try clinic.captured(), arrivals.count)
            let complete = try clinic.write(file, into: "l80")
            while try clinic.captured() == known { usleep(200) }
            durable.append((.now - complete).milliseconds)
            while arrivals.count == shown { try await Task.sleep(for: .microseconds(200)) }
            visible.append((arrivals[shown] - complete).milliseconds)
            // One file can give two readings: let the second pass before the next file.
            try await Task.sleep(for: .milliseconds(40))
        }
        return [
            Figure(
                name: "file complete → durable in the Agent, p50",
                value: durable.percentile(0.5),
                unit: "ms"
            ),
            Figure(
                name: "file complete → durable in the Agent, p99",
                value: durable.percentile(0.99),
                unit: "ms",
                promise: .atMost(20)
            ),
            Figure(
                name: "file complete → event in the browser, p50",
                value: visible.percentile(0.5),
                unit: "ms"
            ),
            Figure(
                name: "file complete → event in the browser, p95",
                value: visible.percentile(0.95),
                unit: "ms",
                promise: .atMost(150)
            ),
            Figure(
                name: "file complete → event in the browser, p99",
                value: visible.percentile(0.99),
                unit: "ms",
                promise: .atMost(500)
            ),
        ]
    }
}

/// When each event arrived.
final class Arrivals: Sendable {
    private let times = Mutex<[ContinuousClock.Instant]>([])

    var count: Int { times.withLock { $0.count } }

    subscript(index: Int) -> ContinuousClock.Instant { times.withLock { $0[index] } }

    func note() { times.withLock { $0.append(.now) } }
}
