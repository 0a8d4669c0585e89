import Foundation
package import Postgres
package import Shared
package import Sync

/// The sites as an administrator handles them; every change travels to the site's agents.
package struct SiteRegister: Sendable {
    let database: PostgresClient
    private let changes: ChangeStore
    let clock: WallClock

    /// Takes the database.
    package init(database: PostgresClient, clock: WallClock = .system) {
        self.database = database
        self.clock = clock
        changes = ChangeStore(database: database)
    }

    /// Every site with its settings, by name.
    package func all() async throws -> [(id: Identifier, configuration: SiteConfiguration)] {
        let rows = try await database.query(
            "SELECT id, name, time_zone, retention_days, reads_photo FROM site ORDER BY name"
        )
        return try rows.map { row in
            (
                try row.decode("id"),
                SiteConfiguration(
                    name: try row.decode("name"),
                    timeZone: try row.decode("time_zone"),
                    retentionDays: try row.decode("retention_days"),
                    readsPhoto: try row.decode("reads_photo", as: Bool.self) ? true : nil
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
        // By the same way as a later change, which is recorded.
        try await change(site, to: configuration)
        // The key that agents seal to is the same at every site.
        if let key = try await changes.anyPayload(of: EnvelopeKey.key, class: "config") {
            try await changes.put(site: site, class: "config", key: EnvelopeKey.key, payload: key)
        }
        return true
    }

    /// Changes a site's settings, tells its agents, and records what the audit is to know of it:
    /// that the photo of cards is allowed or forbidden.
    ///
    /// `reason` says who or what changes it.
    package func change(
        _ site: Identifier,
        to configuration: SiteConfiguration,
        reason: String? = nil
    ) async throws {
        let readsPhoto = configuration.readsPhoto == true
        let payload = try JSON.encode(configuration)
        try await database.withTransaction { connection in
            let old = try await connection.query(
                "SELECT reads_photo FROM site WHERE id = \(site) FOR UPDATE"
            )
            try await connection.execute(
                """
                UPDATE site SET name = \(configuration.name),
                    time_zone = \(configuration.timeZone),
                    retention_days = \(configuration.retentionDays), reads_photo = \(readsPhoto)
                WHERE id = \(site)
                """
            )
            try await ChangeStore.write(
                site: site,
                class: "config",
                key: SiteConfiguration.key,
                payload: payload,
                in: connection
            )
            if try old.first?.decode("reads_photo", as: Bool.self) != readsPhoto {
                let action = readsPhoto ? "allowPhotos" : "forbidPhotos"
                try await AuditWriter.append(
                    [AuditRecord(at: clock.now(), action: action, site: site, reason: reason)],
                    connection
                )
            }
        }
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
