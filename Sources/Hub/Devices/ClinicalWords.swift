import Shared

/// The clinical settings in words.
enum ClinicalWords {
    static let planes: [(value: String, name: String, note: String?)] = [
        ("unknown", "Not known", "Readings say so."),
        ("corneal", "At the cornea", nil),
        ("spectacle", "At the spectacle plane", nil),
    ]
    static let zones: [(value: String, name: String)] = [
        ("", "As usual: 5 mm, else 3, else 7"), ("3", "3 mm"), ("5", "5 mm"), ("7", "7 mm"),
    ]
    static let pupillaryDistances: [(value: String, name: String)] = [
        ("unknown", "Not known"), ("full", "From pupil to pupil"),
        ("half", "From the nose to one pupil"),
    ]

    /// The settings line by line.
    static func facts(_ setting: ClinicalSetting) -> [ReadingPage.Fact] {
        [
            ReadingPage.Fact(name: "Refraction", value: plane(setting.plane)),
            ReadingPage.Fact(
                name: "Zone shown",
                value: setting.displayedZone.map { "\($0) mm" } ?? "as usual"
            ),
            ReadingPage.Fact(
                name: "Pupillary distance",
                value: setting.pupillaryDistance == .unknown
                    ? "not known" : setting.pupillaryDistance.rawValue
            ),
            ReadingPage.Fact(
                name: "Last line without an end",
                value: setting.acceptsUnterminatedLines ? "counts" : "left out"
            ),
        ]
    }

    /// `not known`, `at the cornea`, `at the spectacle plane, 12 mm`.
    static func plane(_ plane: ClinicalSetting.VertexPlane) -> String {
        switch plane {
        case .unknown: "not known"
        case .corneal: "at the cornea"
        case .spectacle(let distance):
            "at the spectacle plane, \(ValueText.notation.text(distance)) mm"
        }
    }
}

/// The settings of a source's device that act where its readings are shown: only verified ones.
struct VerifiedSetting: Sendable, Equatable {
    var plane = ClinicalSetting.VertexPlane.unknown
    /// In mm; nil for the usual one.
    var displayedZone: Int?
    var pupillaryDistance = ClinicalSetting.PupillaryDistance.unknown
    var by: String
    var on: CalendarDate

    /// A problem that the settings answer, in words; nil where they do not.
    ///
    /// The numbers stay as the device wrote them, and the problem stays stored.
    func answer(to problem: ReadingProblem) -> ProblemSentence? {
        let verified = "Verified against a printout of \(SiteTime.day(on)) by \(by)."
        switch (problem.code, plane, pupillaryDistance) {
        case (.planeUnknown, .corneal, _), (.planeUnknown, .spectacle, _):
            let words = ClinicalWords.plane(plane)
            return ProblemSentence(
                word: plane.distance.map { "plane at \(ValueText.notation.text($0)) mm" }
                    ?? "plane at cornea",
                sentence: "This device's refraction is \(words), and is shown as the device wrote "
                    + "it, not converted. \(verified)",
                level: "plain"
            )
        case (.pdAmbiguous, _, .full):
            return ProblemSentence(
                word: "full PD",
                sentence: "This device writes the distance from pupil to pupil. \(verified)",
                level: "plain"
            )
        case (.pdAmbiguous, _, .half):
            return ProblemSentence(
                word: "half PD",
                sentence: "This device writes the distance from the nose to one pupil. \(verified)",
                level: "plain"
            )
        default: return nil
        }
    }
}

extension VerifiedSetting: Decodable {
    private enum CodingKeys: String, CodingKey {
        case plane = "vertex_plane"
        case distance = "vertex_distance"
        case displayedZone = "displayed_zone"
        case pupillaryDistance = "pupillary_distance"
        case by = "verified_by"
        case on = "verified_on"
    }

    /// Reads a row of the view `verified_setting` as JSON.
    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        let distance = try row.decodeIfPresent(String.self, forKey: .distance)
            .flatMap { ExactDecimal($0) }
        switch try row.decode(String.self, forKey: .plane) {
        case "corneal": plane = .corneal
        case "spectacle": plane = distance.map { .spectacle($0) } ?? .unknown
        default: plane = .unknown
        }
        displayedZone = try row.decodeIfPresent(Int.self, forKey: .displayedZone)
        pupillaryDistance =
            ClinicalSetting.PupillaryDistance(
                rawValue: try row.decode(String.self, forKey: .pupillaryDistance)
            ) ?? .unknown
        by = try row.decode(String.self, forKey: .by)
        on = try row.decode(CalendarDate.self, forKey: .on)
    }
}
