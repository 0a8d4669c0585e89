import ArgumentParser
import Hub
import Shared

/// `clinic-hub processing-record`.
struct ProcessingRecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "processing-record",
        abstract: "What this installation does with personal data, for the clinic's own record.",
        discussion: """
            Prints the facts that the Hub knows of itself, for the record of processing \
            activities that the clinic keeps (GDPR, article 30). docs/PROCESSING.md has the rest.
            """
    )

    @OptionGroup var arguments: HubArguments
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await arguments.withDatabase { _, client in
            let record = try await ProcessingRecord(database: client, clock: .system)
            print(
                json ? String(decoding: try JSON.encodePretty(record), as: UTF8.self) : text(record)
            )
        }
    }

    private func text(_ record: ProcessingRecord) -> String {
        var lines = ["Record of processing, as the Hub knows it on \(record.at)", ""]
        func add(_ heading: String, _ entries: [String]) {
            lines.append(heading)
            lines += entries.isEmpty ? ["  none"] : entries.map { "  \($0)" }
            lines.append("")
        }
        add(
            "Sites",
            record.sites.map { site in
                "\(site.name): \(site.computers) PCs, which keep what the Hub has for "
                    + "\(site.computerDays) days; card photos "
                    + (site.readsPhoto ? "are read" : "are not read")
            }
        )
        add(
            "People who may sign in",
            record.people.sorted { $0.key < $1.key }.map { "\($0): \($1)" }
        )
        add(
            "Persons and data",
            ["\(record.patients) patients"]
                + record.categories.sorted { $0.key < $1.key }.map { "\($0): \($1)" }
        )
        add("Devices that are told of patients", record.devices)
        add("Programs of others that read", record.programs)
        add(
            "Retention",
            [
                "\(record.retentionYears) years after the last contact",
                "\(record.due) records are due, \(record.disposed) have ended",
                "\(record.restricted) are restricted, \(record.heldForClaims) held for claims",
            ]
        )
        lines.append("The clinic adds: controller, data protection officer, purposes, transfers.")
        return lines.joined(separator: "\n")
    }
}
