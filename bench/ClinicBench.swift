import ArgumentParser
import ClinicRig
import Foundation

/// Measures what the product promises, beside what this machine can do at all.
@main
struct ClinicBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clinic-bench",
        abstract: "Measure capture, sync and display, against this machine's own limits."
    )

    @Option(help: "Documents of the latency measurements; 0 leaves them out.")
    var latencyDocuments = 300
    @Option(help: "Documents of the throughput measurement; 0 leaves them out.")
    var throughputDocuments = 5000
    @Option(help: "Patients of the large ClientDB; 0 leaves it out.")
    var patients = 50_000
    @Option(help: "Documents of each device that are decoded; 0 leaves them out.")
    var decodedDocuments = 3000
    @Option(help: "Documents through which the Agent's memory is watched; 0 leaves it out.")
    var memoryDocuments = 100_000
    @Option(help: "Seconds that the idle Agent, and empty readers, are watched.")
    var idleSeconds = 30
    @Option(help: "Records of the audit that are verified; 0 leaves the audit out.")
    var auditRecords = 1_000_000
    @Option(help: "Cards that are put into a virtual reader (pcscd, vpcd); 0 leaves it out.")
    var cards = 100
    @Option(help: "Operations of the backlog that an Agent drains; 0 leaves it out.")
    var syncOperations = 100_000
    @Option(help: "Agents that come back at once; 0 leaves it out.")
    var syncAgents = 30
    @Option(help: "Operations of each of them.")
    var syncAgentOperations = 10_000
    @Option(help: "Agents that are connected and idle; 0 leaves it out.")
    var idleAgents = 1000
    @Option(help: "Rows of a snapshot; 0 leaves out what the Hub sends down.")
    var snapshotRows = 50_000
    @Option(help: "Single changes that the Hub sends down.")
    var changes = 200

    @Option(help: "Refused sign-ins of each kind whose times are compared; 0 leaves them out.")
    var timingSamples = 60

    func run() async throws {
        var table = FigureTable()
        if decodedDocuments > 0 { table.add(try DecodeBench(documents: decodedDocuments).run()) }
        table.add(try MachineLimits.sqliteCommit())
        if latencyDocuments + throughputDocuments + idleSeconds + auditRecords > 0 {
            try await measureOneClinic(&table)
        }
        if cards > 0 {
            table.add(try await CardBench(cards: cards, idleSeconds: idleSeconds).run())
        }
        if memoryDocuments > 0 {
            table.add(try await MemoryBench(documents: memoryDocuments).run())
        }
        if patients > 0 { table.add(try await TreeBench(patients: patients).run()) }
        try await measureSync(&table)
        if timingSamples > 0 { table.add(try await TimingBench(samples: timingSamples).run()) }
        print(table.text)
    }

    /// What one clinic's Agent, Hub and browser do together.
    private func measureOneClinic(_ table: inout FigureTable) async throws {
        let clinic = try await BenchClinic.start()
        do {
            table.add(try await MachineLimits.postgresInsert(clinic.rig))
            if latencyDocuments > 0 {
                table.add(
                    try await LatencyBench(clinic: clinic, documents: latencyDocuments).run()
                )
            }
            if throughputDocuments > 0 {
                table.add(
                    try await ThroughputBench(clinic: clinic, documents: throughputDocuments).run()
                )
            }
            if idleSeconds > 0 {
                table.add(try await IdleBench(clinic: clinic, seconds: idleSeconds).run())
            }
            if auditRecords > 0 {
                table.add(try await AuditBench(clinic: clinic, records: auditRecords).run())
            }
            await clinic.stop()
        } catch {
            await clinic.stop()
            throw error
        }
    }

    /// Backlogs, and what goes down.
    private func measureSync(_ table: inout FigureTable) async throws {
        if syncOperations > 0 {
            table.add(try await SyncBench(operations: syncOperations).run())
        }
        if syncAgents > 0 {
            table.add(
                try await FleetBench(agents: syncAgents, operations: syncAgentOperations).run()
            )
        }
        if idleAgents > 0 {
            table.add(try await IdleAgentsBench(agents: idleAgents).run())
        }
        if snapshotRows > 0 {
            table.add(try await DownstreamBench(changes: changes, rows: snapshotRows).run())
        }
    }
}
