import Shared
import Sync

/// One device: how it is, what happened to it, and what people decided for it.
struct DevicePage: Page {
    static let template = "device"
    static let mostEvents = 50
    static let mostVersions = 20

    struct Choice: Sendable {
        let value: String
        let name: String
        let note: String?
        let isChosen: Bool
    }
    struct Event: Sendable {
        let time: TimeView
        let word: String
        let level: String
        let driver: String?
        let problem: String?
    }
    struct Version: Sendable {
        let number: Int
        let what: String
        let by: String
        let at: String
    }
    struct NameForm: Sendable {
        let action: String
        let name: String
        let room: String
        let nameError: String?
        let roomError: String?
    }
    struct ClinicalForm: Sendable {
        let action: String
        let planes: [Choice]
        let distance: String
        let distanceError: String?
        let zones: [Choice]
        let pupillaryDistances: [Choice]
        let acceptsUnterminatedLines: Bool
        let isVerified: Bool
        let date: String
        let dateError: String?
    }
    struct CommandForm: Sendable {
        let action: String
        let commands: [Choice]
    }

    /// What the controller found, or what was typed and is wrong.
    struct Found: Sendable {
        let device: DeviceRecord
        let events: [DeviceEvent]
        let versions: [DeviceSetting]
        var naming: NameDraft
        var clinical: ClinicalDraft
        /// What stands above the forms: their errors, or that someone was faster.
        var errors: [String] = []
    }

    let frame: Frame
    let row: DevicesPage.Row
    let version: Int
    let hasErrors: Bool
    let errors: [String]
    let facts: [ReadingPage.Fact]
    let identity: [ReadingPage.Fact]
    let key: String
    let events: [Event]
    let naming: NameForm?
    let hasClinical: Bool
    let clinical: ClinicalForm?
    let settled: [ReadingPage.Fact]
    /// Who verified the clinical settings and when; nil where nobody did.
    let verified: String?
    let sending: CommandForm?
    let commands: [Choice]
    let hasCommands: Bool
    let hasVersions: Bool
    let versions: [Version]

    init(frame: Frame, site: Site, found: Found, viewer: DeviceViewer, now: Instant) {
        let time = SiteTime(site)
        let (device, setting) = (found.device, found.device.setting)
        func action(_ end: String) -> String { viewer.address("/devices/\(device.id)/\(end)") }
        self.frame = frame
        row = DevicesPage.Row(device, at: time, viewer: viewer, now: now)
        version = setting.version
        errors = found.errors
        hasErrors = !errors.isEmpty
        facts = Self.facts(row, device)
        identity = device.fact.map(DeviceWords.facts) ?? []
        key = device.key
        events = found.events.map { Event($0, at: time, now: now) }
        naming =
            viewer.mayManage
            ? NameForm(
                action: action("name"),
                name: found.naming.name,
                room: found.naming.room,
                nameError: found.naming.nameError,
                roomError: found.naming.roomError
            ) : nil
        hasClinical = device.fact?.attachment != .cardReader
        clinical = viewer.mayDecide ? ClinicalForm(found.clinical, action("clinical")) : nil
        settled = ClinicalWords.facts(setting.clinical)
        verified = setting.verification.map {
            "Compared with a printout of \(SiteTime.day($0.on)) by \($0.by)."
        }
        commands = Self.commands(device)
        hasCommands = !commands.isEmpty
        sending =
            viewer.mayDecide && hasCommands
            ? CommandForm(action: action("commands"), commands: commands) : nil
        versions = found.versions.map { Version($0, time) }
        hasVersions = !versions.isEmpty
    }

    private static func facts(_ row: DevicesPage.Row, _ device: DeviceRecord) -> [ReadingPage.Fact]
    {
        guard device.fact?.attachment != .cardReader else {
            return [
                ReadingPage.Fact(name: "PC", value: row.pc),
                ReadingPage.Fact(name: "Room", value: row.room ?? "—"),
                ReadingPage.Fact(
                    name: "Last card",
                    value: device.lastCard.flatMap { DeviceWords.card($0, marksTests: false) }
                        ?? "—",
                    note: row.lastDocumentFull
                ),
                ReadingPage.Fact(
                    name: "Cards read",
                    value: String(device.cardsRead),
                    note: "whose they were is not kept here"
                ),
            ]
        }
        return [
            ReadingPage.Fact(name: "PC", value: row.pc),
            ReadingPage.Fact(name: "Room", value: row.room ?? "—"),
            ReadingPage.Fact(name: "Last document", value: row.lastDocument),
            ReadingPage.Fact(name: "Decoder", value: row.decoder ?? "—"),
            ReadingPage.Fact(
                name: "Its clock",
                value: row.clock,
                note: "compared with the arrival of its newest readings"
            ),
            ReadingPage.Fact(
                name: "Source",
                value: device.source ?? "—",
                note: device.source == nil ? nil : "as its readings name it"
            ),
        ]
    }

    private static func commands(_ device: DeviceRecord) -> [Choice] {
        (device.fact?.accepts ?? []).compactMap { kind in
            DeviceWords.command(kind).map { words in
                Choice(
                    value: kind,
                    name: words.name,
                    note: words.effect,
                    isChosen: device.setting.enabled.contains(kind)
                )
            }
        }
    }
}

extension DevicePage.Event {
    fileprivate init(_ event: DeviceEvent, at time: SiteTime, now: Instant) {
        self.init(
            time: time.view(event.fact?.since ?? event.receivedAt, now: now),
            word: event.fact.map { DeviceState.words($0.state, $0.attachment).word } ?? "Unknown",
            level: event.fact.map { DeviceState.words($0.state, $0.attachment).level }
                ?? "attention",
            driver: event.fact?.driver,
            problem: event.fact?.problem?.sentence
        )
    }
}

extension DevicePage.Version {
    fileprivate init(_ setting: DeviceSetting, _ time: SiteTime) {
        number = setting.version
        by = setting.change?.by ?? "—"
        at = setting.change.map { time.full($0.at) } ?? "—"
        switch setting.change?.what {
        case .name?:
            let name = setting.name ?? "no name"
            what = setting.room.map { "Named \(name), in \($0)" } ?? "Named \(name), in no room"
        case .clinical?:
            let facts = ClinicalWords.facts(setting.clinical)
                .map { "\($0.name.lowercased()): \($0.value)" }.joined(separator: "; ")
            what =
                setting.verification == nil
                ? "Clinical settings, not verified: \(facts)"
                : "Clinical settings, verified: \(facts)"
        case .commands?:
            let names = setting.enabled.compactMap { DeviceWords.command($0)?.name }
            what =
                names.isEmpty
                ? "Nothing may be sent there" : "May be sent: \(names.joined(separator: ", "))"
        case nil: what = "—"
        }
    }
}

extension DevicePage.ClinicalForm {
    fileprivate init(_ draft: ClinicalDraft, _ action: String) {
        self.action = action
        planes = ClinicalWords.planes.map { value, name, note in
            .init(value: value, name: name, note: note, isChosen: draft.plane == value)
        }
        distance = draft.distance
        distanceError = draft.distanceError
        zones = ClinicalWords.zones.map { value, name in
            .init(value: value, name: name, note: nil, isChosen: draft.zone == value)
        }
        pupillaryDistances = ClinicalWords.pupillaryDistances.map { value, name in
            .init(value: value, name: name, note: nil, isChosen: draft.pupillaryDistance == value)
        }
        acceptsUnterminatedLines = draft.acceptsUnterminatedLines
        isVerified = draft.isVerified
        date = draft.date
        dateError = draft.dateError
    }
}
