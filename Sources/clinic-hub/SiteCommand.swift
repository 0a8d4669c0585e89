import ArgumentParser
import Foundation
import Hub
import Shared
import Sync

/// `clinic-hub site`.
struct SiteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "site",
        abstract: "The places of the clinic, and what their agents should know of them.",
        subcommands: [List.self, Add.self, Set.self]
    )

    /// What can be said of a site.
    struct Settings: ParsableArguments {
        @Option(help: ArgumentHelp("The site's time zone: Europe/Brussels.", valueName: "zone"))
        var timeZone: String?

        @Option(
            help: ArgumentHelp(
                "How many days agents keep what this Hub has acknowledged; as long as the oldest "
                    + "backup that might be restored.",
                valueName: "days"
            )
        )
        var retentionDays: Int?

        @Option(
            help: ArgumentHelp(
                "How long a patient stays the one at a workstation where nothing else ends it.",
                valueName: "minutes"
            )
        )
        var contextMinutes: Int?

        @Flag(
            inversion: .prefixedNo,
            help: "Whether taking the card out ends it at once."
        )
        var contextEndsWithCard: Bool?

        @Flag(
            inversion: .prefixedNo,
            help: "Whether cards under a test root count; never where patients come."
        )
        var testCards: Bool?

        @Flag(
            inversion: .prefixedNo,
            help: "Whether agents read the photo of a card too; it is shown while the card is in."
        )
        var photo: Bool?

        func validate() throws {
            guard timeZone.map({ TimeZone(identifier: $0) != nil }) ?? true else {
                throw ValidationError("--time-zone takes a name such as Europe/Brussels.")
            }
            guard retentionDays.map((1...3650).contains) ?? true else {
                throw ValidationError("--retention-days takes 1 to 3650.")
            }
            guard contextMinutes.map(WorkstationPolicy.allowedMinutes.contains) ?? true else {
                throw ValidationError("--context-minutes takes 5 to 720.")
            }
        }

        var policy: WorkstationPolicy {
            WorkstationPolicy(
                minutes: contextMinutes,
                endsWithCard: contextEndsWithCard,
                acceptsTestCards: testCards
            )
        }

        func apply(to configuration: inout SiteConfiguration) {
            if let timeZone { configuration.timeZone = timeZone }
            if let retentionDays { configuration.retentionDays = retentionDays }
            if let photo { configuration.readsPhoto = photo ? true : nil }
        }
    }

    /// `clinic-hub site list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the sites.")

        @OptionGroup var arguments: HubArguments

        func run() async throws {
            try await arguments.withDatabase { _, client in
                for (id, site) in try await SiteRegister(database: client).all() {
                    print(
                        "\(id)\t\(site.name)\t\(site.timeZone)\t\(site.retentionDays) days"
                            + (site.readsPhoto == true ? "\tphotos" : "")
                    )
                }
            }
        }
    }

    /// `clinic-hub site add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a site.")

        @OptionGroup var arguments: HubArguments
        @OptionGroup var settings: Settings

        @Argument(help: "The site's name.")
        var name: String

        func run() async throws {
            try await arguments.withDatabase { _, client in
                var site = SiteConfiguration(
                    name: try checked(name),
                    timeZone: "Europe/Brussels",
                    retentionDays: 35
                )
                settings.apply(to: &site)
                let register = SiteRegister(database: client)
                guard try await register.add(site) else {
                    throw ValidationError("There is a site called “\(name)” already.")
                }
                if let added = try await register.all().first(where: {
                    $0.configuration.name == site.name
                }) {
                    try await register.change(added.id, policy: settings.policy)
                }
                print("Added \(name).")
            }
        }
    }

    /// `clinic-hub site set`.
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a site; its agents learn of it within a second."
        )

        @OptionGroup var arguments: HubArguments
        @OptionGroup var settings: Settings

        @Argument(help: "The site's present name.")
        var name: String

        @Option(name: .customLong("name"), help: ArgumentHelp("A new name.", valueName: "name"))
        var newName: String?

        func run() async throws {
            try await arguments.withDatabase { _, client in
                let register = SiteRegister(database: client)
                let found = try await register.all().first { $0.configuration.name == name }
                guard var site = found else {
                    throw ValidationError("There is no site called “\(name)”.")
                }
                settings.apply(to: &site.configuration)
                if let newName { site.configuration.name = try checked(newName) }
                let reason = "clinic-hub site set, by \(NSUserName())"
                try await register.change(site.id, to: site.configuration, reason: reason)
                try await register.change(site.id, policy: settings.policy, reason: reason)
                print("Changed.")
            }
        }
    }
}

private func checked(_ name: String) throws -> String {
    guard (1...200).contains(name.count) else {
        throw ValidationError("A site's name has 1 to 200 characters.")
    }
    return name
}
