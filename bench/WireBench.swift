import Agent
import Shared
import Sync

/// What an operation costs on the wire, in pushes of a hundred.
struct WireBench {
    let log: SyntheticLog

    /// The request's first line and headers, for each push.
    private static let request = 220
    private static let batch = 100

    func run() throws -> [Figure] {
        let readings = log.operations.filter { $0.kind == ReadingFact.kind }
        let payloads = readings.reduce(0) { $0 + $1.payload.count }
        let values = try readings.reduce(0) { count, operation in
            count + (try ReadingFact(payload: operation.payload).reading.values.count)
        }
        return [
            Figure(
                name: "payload of a reading",
                value: Double(payloads) / Double(readings.count),
                unit: "bytes"
            ),
            Figure(
                name: "values in a reading",
                value: Double(values) / Double(readings.count),
                unit: ""
            ),
            Figure(
                name: "on the wire, 100 a push, readings alone",
                value: try bytes(readings),
                unit: "bytes/operation",
                promise: .atMost(130)
            ),
            Figure(
                name: "the same with the documents' bytes in between",
                value: try bytes(log.operations),
                unit: "bytes/operation"
            ),
        ]
    }

    private func bytes(_ operations: [Sync.Operation]) throws -> Double {
        let pushes = SyntheticLog(renumbering: operations).pushes(of: Self.batch)
        let total = try pushes.reduce(0) { try $0 + $1.body().count + Self.request }
        return Double(total) / Double(operations.count)
    }
}
