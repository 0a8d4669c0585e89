import Postgres
import Shared
import Sync

/// What people decided for a device: the newest version, or an older one.
struct DeviceSetting: Sendable, Equatable {
    /// 0 where nobody has decided anything.
    var version = 0
    var name: String?
    var room: String?
    var clinical = ClinicalSetting()
    /// Kinds of `Command` that may be sent there.
    var enabled: [String] = []
    var verification: Verification?
    var change: Change?

    /// Who compared the clinical settings with a printout of the device, and when.
    struct Verification: Sendable, Equatable {
        var by: String
        var on: CalendarDate
    }

    /// What the version changed, by whom and when.
    struct Change: Sendable, Equatable {
        var what: What
        var by: String
        var at: Instant

        enum What: String, Sendable {
            case name, clinical, commands
        }
    }

    init() {}

    /// Reads `columns`; the first version's settings where no row was joined.
    init(_ row: PostgresRow) throws {
        guard let version = try row.decode("setting_version", as: Int?.self) else { return }
        self.version = version
        name = try row.decode("setting_name")
        room = try row.decode("setting_room")
        clinical = try ClinicalSetting(row)
        enabled = try row.decode("setting_enabled", as: [String].self)
        let verifier: String? = try row.decode("setting_verified_by")
        let date = try row.decode("setting_verified_on", as: String?.self).flatMap {
            CalendarDate($0)
        }
        if let verifier, let date { verification = Verification(by: verifier, on: date) }
        let what = Change.What(rawValue: try row.decode("setting_change"))
        if let what {
            change = Change(
                what: what,
                by: try row.decode("setting_changed_by"),
                at: try row.decode("setting_changed_at")
            )
        }
    }

    /// The columns of `device_setting AS setting` with the names of those who acted.
    static let columns: PostgresQuery = """
        setting.version AS setting_version, setting.name AS setting_name,
        setting.room AS setting_room, setting.vertex_plane, setting.vertex_distance,
        setting.displayed_zone, setting.pupillary_distance, setting.accepts_unterminated,
        setting.enabled AS setting_enabled,
        (SELECT name FROM account WHERE id = setting.verified_by) AS setting_verified_by,
        setting.verified_on::text AS setting_verified_on, setting.change AS setting_change,
        (SELECT name FROM account WHERE id = setting.changed_by) AS setting_changed_by,
        setting.changed_at AS setting_changed_at
        """

    /// What the device's PC is told.
    ///
    /// A setting that changes what a file means counts only while it is verified.
    func published(agent: Identifier, key: String) -> DeviceSettings {
        DeviceSettings(
            agent: agent,
            device: key,
            name: name,
            room: room,
            acceptsUnterminatedLines: verification != nil && clinical.acceptsUnterminatedLines,
            enabled: enabled
        )
    }
}

/// What the numbers of a device mean, where its files do not say it.
struct ClinicalSetting: Sendable, Equatable {
    var plane = VertexPlane.unknown
    /// Which pupil zone lists show, in mm; nil for the usual one.
    var displayedZone: Int?
    var pupillaryDistance = PupillaryDistance.unknown
    var acceptsUnterminatedLines = false

    /// Where a refraction holds.
    enum VertexPlane: Sendable, Equatable {
        case unknown, corneal
        /// That many mm before the cornea.
        case spectacle(ExactDecimal)

        /// The word in forms and in the database.
        var word: String {
            switch self {
            case .unknown: "unknown"
            case .corneal: "corneal"
            case .spectacle: "spectacle"
            }
        }

        /// In mm; nil but for the spectacle plane.
        var distance: ExactDecimal? {
            if case .spectacle(let distance) = self { distance } else { nil }
        }
    }

    /// What a pupillary distance of the device is.
    enum PupillaryDistance: String, Sendable, CaseIterable {
        case unknown, full, half
    }

    init() {}

    /// Reads the columns of `device_setting` or of `verified_setting`.
    init(_ row: PostgresRow) throws {
        let distance = try row.decode("vertex_distance", as: String?.self)
            .flatMap { ExactDecimal($0) }
        switch try row.decode("vertex_plane", as: String.self) {
        case "corneal": plane = .corneal
        case "spectacle": plane = distance.map { .spectacle($0) } ?? .unknown
        default: plane = .unknown
        }
        displayedZone = try row.decode("displayed_zone")
        pupillaryDistance =
            PupillaryDistance(rawValue: try row.decode("pupillary_distance")) ?? .unknown
        acceptsUnterminatedLines = try row.decode("accepts_unterminated")
    }
}
