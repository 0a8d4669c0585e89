import Shared
import Sync

/// The rules of a site, and the form of a new one.
struct RulesPage: Page {
    static let template = "device-rules"

    struct Row: Sendable {
        let matches: [ReadingPage.Fact]
        let driver: String
        let line: String?
        let by: String
        let at: String
        let remove: String
    }

    let frame: Frame
    let isEmpty: Bool
    let rows: [Row]
    /// The device that the form was filled in from.
    let about: String?
    let action: String
    let hasErrors: Bool
    let errors: [String]
    let fields: [RuleDraft.Field]
    let drivers: [DevicePage.Choice]
    let baud: String
    let lineError: String?
    let dataBits: [DevicePage.Choice]
    let parities: [DevicePage.Choice]
    let stopBits: [DevicePage.Choice]
    let dtr: Bool
    let rts: Bool

    init(
        frame: Frame,
        site: Site,
        rules: [RuleStore.Entry],
        draft: RuleDraft,
        about device: DeviceRecord?,
        viewer: DeviceViewer
    ) {
        let time = SiteTime(site)
        self.frame = frame
        isEmpty = rules.isEmpty
        rows = rules.map { entry in
            Row(
                matches: entry.rule.map(Self.matches) ?? [],
                driver: entry.rule.map { Self.name(ofDriver: $0.driver) } ?? "newer than this Hub",
                line: entry.rule?.line.map(Self.text),
                by: entry.by,
                at: time.full(entry.at),
                remove: viewer.address("/device-rules/\(entry.id)/remove")
            )
        }
        about = device.map(DeviceWords.name)
        action = viewer.address("/device-rules")
        errors = draft.errors
        hasErrors = !errors.isEmpty
        fields = draft.fields
        drivers = RuleDraft.drivers.map { value, name, note in
            .init(value: value, name: name, note: note, isChosen: value == draft.driver)
        }
        baud = draft.baud
        lineError = draft.lineError
        dataBits = Self.choices(["8", "7"], draft.dataBits)
        parities = Self.choices(RuleDraft.parities, draft.parity)
        stopBits = Self.choices(["1", "2"], draft.stopBits)
        dtr = draft.dtr
        rts = draft.rts
    }

    private static func choices(_ values: [String], _ chosen: String) -> [DevicePage.Choice] {
        values.map { .init(value: $0, name: $0, note: nil, isChosen: $0 == chosen) }
    }

    private static func matches(_ rule: DeviceRule) -> [ReadingPage.Fact] {
        [
            ("Vendor", rule.vendor), ("Product", rule.product), ("Serial number", rule.serial),
            ("Port", rule.portPath), ("Mounted at", rule.mountPath), ("Label", rule.label),
        ].compactMap { name, value in value.map { ReadingPage.Fact(name: name, value: $0) } }
    }

    private static func name(ofDriver driver: String) -> String {
        RuleDraft.drivers.first { $0.value == driver }?.name ?? driver
    }

    /// `9600 baud, 8N2, DTR, no RTS`.
    private static func text(_ line: DeviceRule.Line) -> String {
        let parity = line.parity.prefix(1).uppercased()
        return "\(line.baud) baud, \(line.dataBits)\(parity)\(line.stopBits), "
            + "\(line.dtr ? "" : "no ")DTR, \(line.rts ? "" : "no ")RTS"
    }
}
