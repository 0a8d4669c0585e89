import ClinicRig
import Foundation
import GRDB
import Simulator

/// Operations that wait in a real Agent's store, of four devices in turn.
struct SyncBacklog {
    let operations: Int
    /// Bytes of an operation's payload, on average.
    let meanPayload: Int

    private static let batch = 500
    /// What sealing adds to a payload.
    private static let seal = 33

    /// Has an Agent capture documents until so many operations wait; it is stopped then.
    static func fill(_ rig: ClinicRig, operations: Int) async throws -> SyncBacklog {
        let agent = try await rig.startAgent()
        let store = try BenchClinic.openStore(rig)
        defer { try? store.close() }
        var streams = [SimulatedDevice.cv5000, .cl300, .kr800s, .trk2p].map {
            SimulatedDocuments(device: $0, seed: 91)
        }
        var written = 0
        while try await store.read({ try head($0) }) < operations {
            var paths: [String] = []
            for number in 0..<batch {
                guard let file = streams[number % streams.count].next() else { continue }
                let path = "\(rig.share("cv5000"))/\(file.name)"
                try Data(file.bytes).write(to: URL(filePath: path), options: .atomic)
                paths.append(path)
            }
            written += paths.count
            let wanted = written
            try await rig.wait("\(wanted) documents are decoded", of: agent, seconds: 300) {
                try decoded(in: store) >= wanted
            }
            for path in paths { try FileManager.default.removeItem(atPath: path) }
        }
        await agent.stop()
        return try await store.read { database in
            let sealed = try Int.fetchOne(
                database,
                sql: "SELECT avg(length(sealed)) FROM payload"
            )
            return SyncBacklog(operations: try head(database), meanPayload: (sealed ?? 0) - seal)
        }
    }

    private static func head(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT sequence FROM outbox_head") ?? 0
    }

    private static func decoded(in store: DatabaseQueue) throws -> Int {
        try store.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM document WHERE state <> 'captured'")
                ?? 0
        }
    }
}
