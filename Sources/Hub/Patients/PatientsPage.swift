import Shared

/// The patients whom a site knows, or those whom a search finds.
struct PatientsPage: Page {
    static let template = "patients"

    struct Row: Sendable {
        let address: String
        let name: String
        let number: String
        let born: String
        let age: String?
        let sex: String
        let isArchived: Bool
        let isTest: Bool
        let isRestricted: Bool
        let lastReading: TimeView?
    }

    let frame: Frame
    let action: String
    let site: String?
    let query: String
    let isSearched: Bool
    /// True where a number was typed whose check digit does not fit.
    let isMistyped: Bool
    let clear: String
    let register: String?
    /// Where records are whose term is over; nil where the person may not end them.
    let retention: String?
    let rows: [Row]
    let hasRows: Bool
    /// True at a site that knows nobody yet.
    let isNew: Bool
    let next: String?

    /// What the controller found.
    struct Found: Sendable {
        let query: PatientQuery
        /// One more than a page shows where there are more.
        let patients: [PatientListing]
        /// False at a site that knows nobody yet.
        let hasPatients: Bool
    }

    init(
        frame: Frame,
        found: Found,
        mayDispose: Bool,
        mayRegister: Bool,
        time: SiteTime,
        siteParameter: String?,
        now: Instant
    ) {
        let shown = found.patients.prefix(WebLimits.pageRows)
        let today = time.local(now).date
        self.frame = frame
        action = "/patients"
        site = siteParameter
        query = found.query.text
        isSearched = !found.query.text.isEmpty
        isMistyped = found.query.isMistyped
        clear = Address("/patients", ["site": siteParameter]).text
        retention = mayDispose ? Address("/retention", ["site": siteParameter]).text : nil
        register = mayRegister ? Address("/patients/new", ["site": siteParameter]).text : nil
        rows = shown.map { listing in
            let patient = listing.patient
            return Row(
                address: Address("/patients/\(patient.id)", ["site": siteParameter]).text,
                name: patient.name.listed,
                number: patient.number.description,
                born: PatientText.born(patient.birthDate),
                age: PatientText.age(patient.birthDate, today: today).map(String.init),
                sex: patient.sex == .unknown ? Notation.absent : PatientWords.sex(patient.sex),
                isArchived: patient.state == .archived,
                isTest: patient.isTest,
                isRestricted: patient.isRestricted,
                lastReading: listing.lastReadingAt.map { time.view($0, now: now) }
            )
        }
        hasRows = !rows.isEmpty
        isNew = !found.hasPatients
        next =
            found.patients.count > WebLimits.pageRows
            ? shown.last.map { last in
                Address(
                    "/patients",
                    [
                        "site": siteParameter,
                        "q": found.query.text.isEmpty ? nil : found.query.text,
                        "after": last.cursor.text,
                    ]
                ).text
            } : nil
    }
}
