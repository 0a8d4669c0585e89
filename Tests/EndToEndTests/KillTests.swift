import ClinicRig
import Foundation
import Simulator
import Testing

/// Real processes that are killed at any moment, and a journal outside of them of what they have
/// acknowledged: what is in it must be there in the end, once.
@Suite(.serialized, .timeLimit(.minutes(30))) struct KillTests {
    private static func number(_ name: String, _ standard: Int) -> Int {
        Int(ProcessInfo.processInfo.environment[name] ?? "") ?? standard
    }

    @Test func `a stream of documents arrives whole while everything is killed in turn`()
        async throws
    {
        let kills = Self.number("CLINIC_KILLS", 8)
        let total = Self.number("CLINIC_KILL_DOCUMENTS", 75 * kills)
        try await Clinic.run { clinic in
            let journal = Journal(clinic.rig)
            let reading = Task { try await journal.keep() }
            defer { reading.cancel() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for file in SimulatedDocuments(device: .cv5000, seed: 4).prefix(total) {
                        try clinic.write(file, into: "cv5000")
                        try await Task.sleep(for: .milliseconds(15))
                    }
                }
                group.addTask {
                    for round in 0..<kills {
                        try await Task.sleep(for: .milliseconds(1100))
                        switch round % 4 {
                        case 0: try await clinic.killAgent()
                        case 1: try await clinic.killHub()
                        case 2: try clinic.killPostgres()
                        default: try? await clinic.terminateConnections()
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await clinic.wait("every document has arrived", seconds: 180) {
                await clinic.rig.count("document") ?? 0 >= total
            }
            let stored = StoredOperations(rig: clinic.rig)
            try await stored.expectAllOnce(clinic, seconds: 120)
            let seen = await journal.acknowledged
            print("kills: \(seen.documents.count) documents, \(seen.operations.count) operations")
            #expect(seen.documents.subtracting(try await stored.documentsOfHub()) == [])
            #expect(seen.operations.subtracting(try await stored.ofHub()) == [])
            // It has seen what happened, and not only how it ended; a kill between a commit and its
            // line in the Agent's log leaves the line out.
            #expect(seen.documents.count > total - 32 * kills)
            #expect(seen.looks > kills)
            #expect(await clinic.rig.count("document") == total)
            #expect(await clinic.rig.count("operation WHERE kind = 'document'") == total)
        }
    }
}

/// What was acknowledged, noted outside as soon as it is seen: the Agent's journal says which
/// documents it has taken, its store which operations the Hub has taken.
private actor Journal {
    private let stored: StoredOperations
    private let log: String
    private(set) var acknowledged = Acknowledged()

    struct Acknowledged {
        var documents: Set<String> = []
        var operations: Set<String> = []
        var looks = 0
    }

    init(_ rig: ClinicRig) {
        stored = StoredOperations(rig: rig)
        log = rig.folder + "/agent.log"
    }

    /// Looks again and again, until it is cancelled.
    func keep() async throws {
        while !Task.isCancelled {
            note()
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func note() {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        let taken = text.matches(of: /document=([0-9a-f]{12})/).map { String($0.output.1) }
        acknowledged.documents.formUnion(taken)
        // While the Agent has just been killed its store may not let itself be read.
        guard let settled = try? stored.ofAgent(settled: true) else { return }
        acknowledged.operations.formUnion(settled)
        acknowledged.looks += 1
    }
}
