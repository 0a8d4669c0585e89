import Shared

/// One line of the live list.
struct ReadingRow: Page, Equatable {
    static let template = "reading-row"

    /// A problem in a word.
    struct Flag: Sendable, Equatable {
        let word: String
        let level: String
        let sentence: String
    }

    /// The element's identifier on the page.
    let anchor: String
    let position: String
    let address: String
    let time: TimeView
    let workstation: String
    let device: String
    let kind: String
    let label: String
    let isEcho: Bool
    let right: EyeLine
    let left: EyeLine
    /// Whose it is, as far as it is known.
    let match: MatchView
    let flags: [Flag]

    /// How many problems a line shows before it counts the rest.
    private static let mostFlags = 3

    /// `acts` is nil for those who may not say whose a reading is.
    init(
        _ record: ReadingRecord,
        at time: SiteTime,
        siteParameter: String?,
        acts: MatchView.Acts? = nil,
        now: Instant
    ) {
        anchor = Self.anchor(record.id)
        position = String(record.position)
        address = Address("/readings/\(record.id)", ["site": siteParameter]).text
        self.time = time.view(record.capturedAt, now: now)
        workstation = record.workstation
        device = record.deviceModel ?? record.source
        kind = KindName.text(record.kind)
        label = record.label
        isEcho = record.role == .echo
        let zone = record.setting?.displayedZone
        right = record.reading.map { EyeLine($0, eye: .right, zone: zone) } ?? EyeLine()
        left = record.reading.map { EyeLine($0, eye: .left, zone: zone) } ?? EyeLine()
        match = MatchView(record, acts: acts, siteParameter: siteParameter)
        flags = Self.flags(record)
    }

    /// Marks what the device was given and repeats.
    private static let copy = Flag(
        word: "copy",
        level: "",
        sentence: "The device was given these values; it did not measure them."
    )

    static func anchor(_ id: Identifier) -> String { "r-\(id)" }

    private static func flags(_ record: ReadingRecord) -> [Flag] {
        guard let reading = record.reading else {
            return [
                Flag(
                    word: "newer than this Hub",
                    level: "problem",
                    sentence: "This Hub is too old to show the reading. Update the Hub."
                )
            ]
        }
        // What keeps a reading from use stands first.
        let problems = reading.problems.sorted {
            $0.severity == .rejected && $1.severity != .rejected
        }
        var flags = record.role == .echo ? [copy] : []
        for problem in problems {
            let text = ProblemSentence(problem, record.setting)
            guard !flags.contains(where: { $0.word == text.word }) else { continue }
            flags.append(Flag(word: text.word, level: text.level, sentence: text.sentence))
        }
        guard flags.count > mostFlags else { return flags }
        let rest = flags.count - mostFlags
        return flags.prefix(mostFlags)
            + [Flag(word: "+\(rest)", level: "", sentence: "\(rest) more on the reading's page")]
    }
}

/// A patient as the device's file names them.
enum PatientText {
    /// `Testcase, Amina`, or the number where there is no name; nil for nobody.
    static func line(_ patient: DevicePatient) -> String? {
        let names = [patient.familyName, patient.givenName].compactMap { $0 }
            .filter { !$0.isEmpty }
        if !names.isEmpty { return names.joined(separator: ", ") }
        guard let number = patient.number, !number.isEmpty else { return nil }
        return patient.numberIsCounter ? "its own number \(number)" : "number \(number)"
    }

    /// `14 Mar 1985`, `Mar 1985`, `1985`, or a dash.
    static func born(_ date: PartialDate?) -> String {
        guard let date else { return Notation.absent }
        if let day = date.date { return SiteTime.day(day) }
        guard let month = date.month else { return String(date.year) }
        let first = CalendarDate(year: date.year, month: month, day: 1)
        return first.map { String(SiteTime.day($0).dropFirst(2)) } ?? String(date.year)
    }

    /// How old somebody is today; nil where their birth date leaves it open by a year.
    static func age(_ birthDate: PartialDate?, today: CalendarDate) -> Int? {
        guard let born = birthDate?.date else { return nil }
        let hadBirthday = (today.month, today.day) >= (born.month, born.day)
        let age = today.year - born.year - (hadBirthday ? 0 : 1)
        return age >= 0 ? age : nil
    }
}
