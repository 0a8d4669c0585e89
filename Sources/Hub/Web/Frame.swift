import Shared

/// What surrounds every page of a person who is signed in.
struct Frame: Sendable {
    struct Place: Sendable {
        let name: String
        let address: String
        let isCurrent: Bool
    }
    struct Trail: Sendable {
        let name: String
        let address: String
    }
    struct TestNotice: Sendable {
        let sentence: String
        /// What ends it; nil where that is no command of the Hub's.
        let command: String?
    }
    struct SiteMenu: Sendable {
        let current: String
        let sites: [Place]
    }

    /// What an emergency has opened, and the way to end it.
    struct Emergency: Sendable {
        let site: String
        /// `42 min`.
        let left: String
        let until: String
        let end: String
    }

    /// The title of the browser's window.
    let title: String
    let heading: String
    let assets: Assets.Names
    let person: String
    let role: String
    let formToken: String
    /// True where a browser that is new signed in as the person.
    let hasNotice: Bool
    let places: [Place]
    let trail: [Trail]
    /// Nil where there is one site only.
    let siteMenu: SiteMenu?
    /// True for those who may look for patients: the field on top.
    let isSearched: Bool
    /// The identifier of the site that the page shows.
    let site: String
    /// How often the page renews itself; nil for never.
    let renewSeconds: Int?
    let emergencies: [Emergency]
    /// True for those who may open a site that is not theirs in an emergency.
    let mayOpenEmergency: Bool
    /// What the person has to be told until it is dealt with.
    let notices: [Notice]
    /// What everybody must know where test cards are read; nil where none are.
    let testNotice: TestNotice?
}

/// Which page of the rail is shown.
enum RailPlace: CaseIterable {
    case station, readings, patients, sends, quarantine, devices, agents, accounts, programs, audit,
        emergencies

    var name: String {
        switch self {
        case .station: "This PC"
        case .readings: "Readings"
        case .patients: "Patients"
        case .sends: "Sent"
        case .quarantine: "Quarantine"
        case .devices: "Devices"
        case .agents: "Agents"
        case .accounts: "People"
        case .programs: "Programs"
        case .audit: "Audit"
        case .emergencies: "Emergencies"
        }
    }

    var path: String {
        switch self {
        case .station: "/station"
        case .readings: "/readings"
        case .patients: "/patients"
        case .sends: "/sends"
        case .quarantine: "/quarantine"
        case .devices: "/devices"
        case .agents: "/agents"
        case .accounts: "/accounts"
        case .programs: "/programs"
        case .audit: "/audit"
        case .emergencies: "/emergencies"
        }
    }

    var permission: Permission {
        switch self {
        case .station: .useStation
        case .readings: .readReadings
        case .patients: .readPatients
        case .sends: .sendToDevices
        case .quarantine: .readDocuments
        case .devices: .readDevices
        case .agents: .readAgents
        case .accounts: .manageAccounts
        case .programs: .managePrograms
        case .audit: .readAudit
        case .emergencies: .reviewEmergencies
        }
    }
}

extension Frame {
    /// The frame of a page of `place` at `site`; nil for what belongs to no place or site.
    init(
        _ heading: String,
        place: RailPlace?,
        visit: Visit,
        site: Site?,
        assets: Assets.Names,
        isBelow: Bool = false,
        renewSeconds: Int? = nil
    ) {
        let person = visit.person
        title = heading
        self.heading = heading
        self.assets = assets
        self.person = person.account.name
        role = person.account.role.title
        formToken = person.formToken
        hasNotice = person.hasNotice
        let parameter = site.flatMap { person.siteParameter($0) }
        places = RailPlace.allCases
            .filter { person.account.role.permissions.contains($0.permission) }
            .map { other in
                Place(
                    name: other.name,
                    address: Address(other.path, ["site": parameter]).text,
                    isCurrent: other == place
                )
            }
        trail =
            if isBelow, let place {
                [Trail(name: place.name, address: Address(place.path, ["site": parameter]).text)]
            } else {
                []
            }
        siteMenu =
            if let site, let place, person.sites.count > 1 {
                SiteMenu(
                    current: site.name,
                    sites: person.sites.map { other in
                        Place(
                            name: other.name,
                            address: Address(place.path, ["site": other.id.description]).text,
                            isCurrent: other.id == site.id
                        )
                    }
                )
            } else {
                nil
            }
        isSearched = person.account.role.permissions.contains(.readPatients)
        self.site = site?.id.description ?? ""
        self.renewSeconds = renewSeconds
        notices = person.notices
        emergencies = person.emergencies.map { Emergency($0) }
        mayOpenEmergency =
            !person.account.isForEverySite
            && person.account.role.permissions.contains(.openEmergency)
        testNotice = site.flatMap(Self.testNotice)
    }
}

extension Frame {
    private static func testNotice(_ site: Site) -> TestNotice? {
        if site.acceptsTestCards {
            return TestNotice(
                sentence: "This site accepts test cards: not every patient here is a person.",
                command: "clinic-hub site set NAME --no-test-cards"
            )
        }
        return site.trustsTestRoots
            ? TestNotice(
                sentence: "A PC of this site reads test cards (card.testRoots in its agent.yaml). "
                    + "This site does not accept them.",
                command: nil
            ) : nil
    }
}

extension Frame.Emergency {
    fileprivate init(_ emergency: OpenEmergency) {
        site = emergency.site.name
        left = shortSpan(emergency.left)
        let time = SiteTime(emergency.site)
        let local = time.local(emergency.until)
        until = "\(padded(local.hour, 2)):\(padded(local.minute, 2))"
        end = "/emergency/\(emergency.id)/end"
    }
}
