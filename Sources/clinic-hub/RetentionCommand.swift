import ArgumentParser
import Hub
import Shared

/// `clinic-hub retention`.
struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "Records whose term is over.",
        discussion: """
            Clinicians end records, in two steps, on the page "Records whose term is over": no \
            command does it.
            """,
        subcommands: [List.self]
    )

    /// `clinic-hub retention list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what is due: patient numbers, the last contact, and what holds them."
        )

        @OptionGroup var arguments: HubArguments

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let due = try await RetentionStore(database: client, clock: .system).due()
                guard !due.isEmpty else {
                    print(
                        "No record is due: none is without contact for "
                            + "\(RetentionStore.years) years."
                    )
                    return
                }
                for record in due {
                    let state =
                        record.holds.isEmpty
                        ? (record.isOverdue ? "overdue" : "due")
                        : record.holds.joined(separator: ", ")
                    print("\(record.number)  last contact \(record.lastContact)  \(state)")
                }
            }
        }
    }
}
