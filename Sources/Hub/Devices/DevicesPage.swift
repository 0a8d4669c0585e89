import Shared
import Sync

/// The devices of a site, one line each.
struct DevicesPage: Page {
    static let template = "devices"
    /// How often the page renews itself where the browser runs its script.
    static let renewSeconds = 10

    struct Row: Sendable {
        let address: String
        let name: String
        let room: String?
        let pc: String
        let attachment: String
        let place: String?
        let word: String
        let level: String
        let since: String
        let sinceFull: String
        let lastDocument: String
        let lastDocumentFull: String?
        /// True of a reader whose last card was a test card.
        let isTest: Bool
        let clock: String
        let isClockOff: Bool
        /// `visionix, decoder 1`; nil where none has taken a document.
        let decoder: String?
        let quarantined: String
        /// Nil where there is nothing to see, or the person may not see it.
        let quarantine: String?
        let sending: String
        let problem: String?
        let advice: String
        /// Leads to a rule that is filled in for it; nil where it is served.
        let serve: String?
    }

    let frame: Frame
    let isEmpty: Bool
    let hasAgents: Bool
    let rows: [Row]
    /// How many of them need a person; nil where none does.
    let troubled: String?
    /// Nil for someone who may not see them.
    let rules: String?
    let isCut: Bool

    init(
        frame: Frame,
        site: Site,
        devices: [DeviceRecord],
        hasAgents: Bool,
        viewer: DeviceViewer,
        now: Instant
    ) {
        let time = SiteTime(site)
        self.frame = frame
        isEmpty = devices.isEmpty
        self.hasAgents = hasAgents
        let all = devices.map { Row($0, at: time, viewer: viewer, now: now) }
        // What needs a person stands first; beyond that the order never changes by itself.
        rows = ["problem", "attention", "well", "plain"].flatMap { level in
            all.filter { $0.level == level }
        }
        let count = rows.count { $0.level == "problem" || $0.level == "attention" }
        troubled = count == 0 ? nil : "\(count) of \(rows.count) need a look"
        rules = viewer.mayManage ? viewer.address("/device-rules") : nil
        isCut = devices.count == DeviceStore.mostDevices
    }
}

/// Who looks at devices: what they may do, and how addresses carry the site.
struct DeviceViewer: Sendable {
    let siteParameter: String?
    let mayManage: Bool
    let mayDecide: Bool
    let maySeeDocuments: Bool

    init(_ person: Person, _ site: Site) {
        let permissions = person.permissions(at: site)
        siteParameter = person.siteParameter(site)
        mayManage = permissions.contains(.manageDevices)
        mayDecide = permissions.contains(.decideClinicalSettings)
        maySeeDocuments = permissions.contains(.readDocuments)
    }

    func address(_ path: String, _ name: String? = nil, _ value: String? = nil) -> String {
        guard let name else { return Address(path, ["site": siteParameter]).text }
        return Address(path, ["site": siteParameter, name: value]).text
    }
}

extension DevicesPage.Row {
    init(_ record: DeviceRecord, at time: SiteTime, viewer: DeviceViewer, now: Instant) {
        let state = DeviceState(record, now: now)
        let fact = record.fact
        address = viewer.address("/devices/\(record.id)")
        name = DeviceWords.name(record)
        room = record.setting.room
        pc = record.pc.workstation
        attachment = fact.map(DeviceWords.attachment) ?? "—"
        place = fact.flatMap(DeviceWords.place)
        word = state.word
        level = state.level
        since = "\(shortSpan(now.duration(since: state.since)))"
        sinceFull = time.full(state.since)
        let isReader = fact?.attachment == .cardReader
        let last = isReader ? record.lastCard?.at : record.given.lastDocumentAt
        lastDocument =
            last.map { "\(isReader ? "card " : "")\(shortSpan(now.duration(since: $0))) ago" }
            ?? (isReader ? "no card yet" : "none yet")
        lastDocumentFull = last.map(time.full)
        isTest = record.lastCard?.outcome == .testCard
        let drift = record.clockDrift(time).map(DeviceWords.drift)
        clock = drift?.text ?? "—"
        isClockOff = drift?.isRight == false
        decoder =
            record.lastCard.flatMap { DeviceWords.card($0, marksTests: true) }
            ?? record.given.format.map { format in
                record.given.decoderVersion.map { "\(format), decoder \($0)" } ?? format
            }
        quarantined = String(record.given.quarantined)
        quarantine =
            record.given.quarantined > 0 && viewer.maySeeDocuments
            ? viewer.address("/quarantine", "device", record.id.description) : nil
        sending = Self.sending(record)
        problem = fact?.problem?.sentence
        advice = state.advice
        serve =
            fact?.state == .unserved && viewer.mayManage
            ? viewer.address("/device-rules", "device", record.id.description) : nil
    }

    /// What the Hub may send there: nothing can be, nothing may be, or what.
    private static func sending(_ record: DeviceRecord) -> String {
        let accepts = (record.fact?.accepts ?? []).filter { DeviceWords.command($0) != nil }
        guard !accepts.isEmpty else { return "—" }
        let names = accepts.filter(record.setting.enabled.contains)
            .compactMap { DeviceWords.command($0)?.name }
        return names.isEmpty ? "off" : names.joined(separator: ", ")
    }
}
