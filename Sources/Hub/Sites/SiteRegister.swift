import Foundation
package import Postgres
package import Shared
package import Sync

/// The sites as an administrator handles them; every change travels to the site's agents.
package struct SiteRegister: Sendable {
    let database: PostgresClient
    private let changes: ChangeStore

    /// Takes the database.
    package init(database: PostgresClient) {
        self.database = database
        changes = ChangeStore(database: database)
    }

    /// Every site with its settings, by name.
    package func all() async throws -> [(id: Identifier, configuration: SiteConfiguration)] {
        let rows = try await database.query(
            "SELECT id, name, time_zone, retention_days FROM site ORDER BY name"
        )
        return try rows.map { row in
            (
                try row.decode("id"),
                SiteConfiguration(
                    name: try row.decode("name"),
                    timeZone: try row.decode("time_zone"),
                    retentionDays: try row.decode("retention_days")
                )
            )
        }
    }

    /// Adds a site; false where one of that name exists.
    package func add(_ configuration: SiteConfiguration) async throws -> Bool {
        let rows = try await database.query(
            """
            INSERT INTO site (name, time_zone, retention_days)
            VALUES (\(configuration.name), \(configuration.timeZone),
                \(configuration.retentionDays))
            ON CONFLICT DO NOTHING RETURNING id
            """
        )
        guard let row = rows.first else { return false }
        let site: Identifier = try row.decode("id")
        try await publish(configuration, to: site)
        // The key that agents seal to is the same at every site.
        if let key = try await changes.anyPayload(of: EnvelopeKey.key, class: "config") {
            try await changes.put(site: site, class: "config", key: EnvelopeKey.key, payload: key)
        }
        return true
    }

    /// Changes a site's settings and tells its agents.
    package func change(_ site: Identifier, to configuration: SiteConfiguration) async throws {
        try await database.execute(
            """
            UPDATE site SET name = \(configuration.name), time_zone = \(configuration.timeZone),
                retention_days = \(configuration.retentionDays)
            WHERE id = \(site)
            """
        )
        try await publish(configuration, to: site)
    }

    /// Tells the agents of every site what has not been told yet: at the start of the Hub.
    func publishUntold() async throws {
        for (site, configuration) in try await all()
        where try await changes.position(site: site, class: "config") == 0 {
            try await publish(configuration, to: site)
        }
    }

    /// Tells the agents of every site the key that they seal to, where it has changed.
    func publish(_ key: EnvelopeKey?) async throws {
        guard let key else { return }
        let payload = try JSON.encode(key)
        for (site, _) in try await all() {
            let told = try await changes.payload(of: EnvelopeKey.key, site: site, class: "config")
            guard told != payload else { continue }
            try await changes.put(
                site: site,
                class: "config",
                key: EnvelopeKey.key,
                payload: payload
            )
        }
    }

    private func publish(
        _ configuration: SiteConfiguration,
        to site: Identifier
    ) async throws {
        try await changes.put(
            site: site,
            class: "config",
            key: SiteConfiguration.key,
            payload: try JSON.encode(configuration)
        )
    }
}
