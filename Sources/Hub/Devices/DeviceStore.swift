import Postgres
import Shared
import Sync

/// The devices of a site: reads what agents told, and keeps what people decide.
struct DeviceStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// As many as a page shows.
    static let mostDevices = 500
    /// Readings whose times tell how the device's clock goes.
    private static let clockReadings = 20

    /// Someone has changed the settings since they were read.
    struct StaleVersion: Error {}

    /// Every device of a site: those whose PC may speak first, then by PC and key.
    func devices(of site: Identifier) async throws -> [DeviceRecord] {
        let rows = try await database.query(
            """
            \(Self.records) WHERE device.site_id = \(site)
            ORDER BY agent.state, lower(agent.workstation), device.key
            LIMIT \(Self.mostDevices)
            """
        )
        return try rows.map(DeviceRecord.init)
    }

    /// One device; nil where the site has none of that identifier.
    func device(_ id: Identifier, site: Identifier) async throws -> DeviceRecord? {
        let rows = try await database.query(
            "\(Self.records) WHERE device.site_id = \(site) AND device.id = \(id)"
        )
        return try rows.first.map(DeviceRecord.init)
    }

    /// The newest facts of a device, newest first.
    func events(of id: Identifier, limit: Int) async throws -> [DeviceEvent] {
        let rows = try await database.query(
            """
            SELECT body::text AS body, received_at FROM device_event WHERE device_id = \(id)
            ORDER BY epoch DESC, sequence DESC LIMIT \(limit)
            """
        )
        return try rows.map(DeviceEvent.init)
    }

    /// Every version of a device's settings, newest first.
    func history(of id: Identifier, limit: Int) async throws -> [DeviceSetting] {
        let rows = try await database.query(
            """
            SELECT \(DeviceSetting.columns) FROM device_setting AS setting
            WHERE device_id = \(id) ORDER BY version DESC LIMIT \(limit)
            """
        )
        return try rows.map(DeviceSetting.init)
    }

    /// A change of a device's settings by one person.
    struct Change: Sendable {
        let device: Identifier
        let site: Identifier
        /// The version that the person saw.
        let version: Int
        let what: DeviceSetting.Change.What
        let by: Identifier
        /// The date of the printout that the clinical settings were compared with.
        var verifiedOn: CalendarDate?
    }

    /// Stores what `body` makes of the present settings, and tells the device's PC, in one
    /// transaction.
    ///
    /// What was verified stays so where the clinical settings are the same; else only the person
    /// who changes them can have verified them. Throws `PageError.notFound`, `StaleVersion`.
    func change(_ change: Change, _ body: (inout DeviceSetting) -> Void) async throws {
        try await database.withTransaction { connection in
            // Held to commit: two changes of one device come one after the other.
            let rows = try await connection.query(
                """
                SELECT agent_id, key FROM device
                WHERE id = \(change.device) AND site_id = \(change.site) FOR UPDATE
                """
            )
            guard let device = rows.first else { throw PageError.notFound }
            let current = try await Self.current(change.device, connection)
            guard current.setting.version == change.version else { throw StaleVersion() }
            var new = current.setting
            body(&new)
            let isSame = new.clinical == current.setting.clinical
            var verified = isSame ? current.verified : nil
            if let date = change.verifiedOn { verified = (change.by, date) }
            try await insert(new, verified, change, connection)
            new.verification = verified.map { _, date in .init(by: "", on: date) }
            let (agent, key): (Identifier, String) = (
                try device.decode("agent_id"), try device.decode("key")
            )
            try await ChangeStore.write(
                site: change.site,
                class: "config",
                key: "\(DeviceSettings.keyPrefix)\(agent)/\(key)",
                payload: try JSON.encode(new.published(agent: agent, key: key)),
                in: connection
            )
        }
    }

    private typealias Verified = (by: Identifier, on: CalendarDate)

    private static func current(
        _ device: Identifier,
        _ connection: PostgresConnection
    ) async throws -> (setting: DeviceSetting, verified: Verified?) {
        let rows = try await connection.query(
            """
            SELECT \(DeviceSetting.columns), setting.verified_by AS verifier
            FROM device_setting AS setting WHERE device_id = \(device)
            ORDER BY version DESC LIMIT 1
            """
        )
        guard let row = rows.first else { return (DeviceSetting(), nil) }
        let setting = try DeviceSetting(row)
        let by: Identifier? = try row.decode("verifier")
        guard let by, let verification = setting.verification else { return (setting, nil) }
        return (setting, (by, verification.on))
    }

    private func insert(
        _ setting: DeviceSetting,
        _ verified: Verified?,
        _ change: Change,
        _ connection: PostgresConnection
    ) async throws {
        let clinical = setting.clinical
        try await connection.execute(
            """
            INSERT INTO device_setting (device_id, version, name, room, vertex_plane,
                vertex_distance, displayed_zone, pupillary_distance, accepts_unterminated, enabled,
                verified_by, verified_on, change, changed_by, changed_at)
            VALUES (\(change.device), \(change.version + 1), \(setting.name), \(setting.room),
                \(clinical.plane.word), \(clinical.plane.distance?.text),
                \(clinical.displayedZone), \(clinical.pupillaryDistance.rawValue),
                \(clinical.acceptsUnterminatedLines), \(setting.enabled)::text[],
                \(verified?.by), \(verified?.on.description)::date, \(change.what.rawValue),
                \(change.by), \(clock.now()))
            """
        )
    }

    private static let records: PostgresQuery = """
        SELECT device.id, device.site_id, device.agent_id, device.key, device.body::text AS body,
            device.source, device.received_at, agent.workstation, agent.state, agent.enrolled_at,
            agent.last_seen_at, agent.software, agent.pending, agent.oldest_pending_at,
            agent.clock_offset_ms, agent.certificate_expires_at, \(DeviceSetting.columns),
            (SELECT max(captured_at) FROM document
             WHERE agent_id = device.agent_id AND source = device.source) AS last_document_at,
            decoded.format AS last_format, decoded.decoder_version AS last_decoder_version,
            (SELECT count(*) FROM document
             WHERE agent_id = device.agent_id AND source = device.source
                AND failure_code IS NOT NULL AND NOT dismissed) AS quarantined,
            clocks.device_clocks, clocks.agent_clocks, card.began_at AS card_at,
            card.outcome AS card_outcome, card.applet AS card_applet, cards.number AS cards_read
        FROM device JOIN agent ON agent.id = device.agent_id
        LEFT JOIN LATERAL (
            SELECT * FROM device_setting WHERE device_id = device.id ORDER BY version DESC LIMIT 1
        ) AS setting ON true
        LEFT JOIN LATERAL (
            SELECT format, decoder_version FROM document
            WHERE agent_id = device.agent_id AND source = device.source AND format IS NOT NULL
            ORDER BY captured_at DESC LIMIT 1
        ) AS decoded ON true
        LEFT JOIN LATERAL (
            SELECT array_agg((extract(epoch FROM measured_at) * 1000)::bigint) AS device_clocks,
                array_agg((extract(epoch FROM captured_at) * 1000)::bigint) AS agent_clocks
            FROM (
                SELECT measured_at, captured_at FROM reading
                WHERE agent_id = device.agent_id AND source = device.source
                    AND measured_at IS NOT NULL
                ORDER BY captured_at DESC LIMIT \(unescaped: String(clockReadings))
            ) AS newest
        ) AS clocks ON true
        -- A session names the reader as pcscd does, which is the title of the device.
        LEFT JOIN LATERAL (
            SELECT began_at, outcome, applet FROM card_session
            WHERE device.attachment = 'cardReader' AND agent_id = device.agent_id
                AND reader = device.body #>> '{adapter,title}'
            ORDER BY began_at DESC LIMIT 1
        ) AS card ON true
        LEFT JOIN LATERAL (
            SELECT count(*) AS number FROM card_session
            WHERE device.attachment = 'cardReader' AND agent_id = device.agent_id
                AND reader = device.body #>> '{adapter,title}'
        ) AS cards ON true
        """
}
