import Shared

/// The form of the clinical settings: what is stored, or what was typed, with what is wrong in it.
struct ClinicalDraft: Sendable {
    var plane: String
    var distance: String
    var zone: String
    var pupillaryDistance: String
    var acceptsUnterminatedLines: Bool
    var isVerified: Bool
    var date: String
    private(set) var distanceError: String?
    private(set) var dateError: String?

    /// The longest and the shortest distance of a spectacle plane, in mm: docs/READINGS.md.
    private static let distances: ClosedRange<ExactDecimal> = 5...16

    /// The form as it stands before anything is typed.
    init(_ setting: DeviceSetting, today: CalendarDate) {
        plane = setting.clinical.plane.word
        distance = setting.clinical.plane.distance?.text ?? ""
        zone = setting.clinical.displayedZone.map(String.init) ?? ""
        pupillaryDistance = setting.clinical.pupillaryDistance.rawValue
        acceptsUnterminatedLines = setting.clinical.acceptsUnterminatedLines
        isVerified = false
        date = today.description
    }

    /// The form as it was sent.
    init(_ form: Fields) {
        plane = form["plane"] ?? ""
        distance = String((form["distance"] ?? "").prefix(20))
        zone = form["zone"] ?? ""
        pupillaryDistance = form["pd"] ?? ""
        acceptsUnterminatedLines = form["unterminated"] != nil
        isVerified = form["verified"] != nil
        date = String((form["date"] ?? "").prefix(20))
    }

    var errors: [String] { [distanceError, dateError].compactMap { $0 } }

    /// What the form says; nil where something in it is wrong, which is then noted.
    ///
    /// Throws `badRequest` for what no form of ours sends.
    mutating func read(
        today: CalendarDate
    ) throws(PageError) -> (ClinicalSetting, verifiedOn: CalendarDate?)? {
        var setting = ClinicalSetting()
        guard let pupillary = ClinicalSetting.PupillaryDistance(rawValue: pupillaryDistance),
            ["", "3", "5", "7"].contains(zone)
        else { throw .badRequest }
        setting.pupillaryDistance = pupillary
        setting.displayedZone = Int(zone)
        setting.acceptsUnterminatedLines = acceptsUnterminatedLines
        switch plane {
        case "unknown": setting.plane = .unknown
        case "corneal": setting.plane = .corneal
        case "spectacle":
            if let millimetres = Self.millimetres(distance) {
                setting.plane = .spectacle(millimetres)
            } else {
                distanceError =
                    "Enter the vertex distance of the spectacle plane in mm, from 5 to 16, such "
                    + "as 12 or 13.5."
            }
        default: throw .badRequest
        }
        var day: CalendarDate?
        if isVerified {
            day = CalendarDate(date.trimmed)
            if day.map({ $0 > today || $0.year < today.year - 5 }) ?? true {
                dateError =
                    "Enter the date of the printout that you compared with, not a later day."
            }
        }
        return errors.isEmpty ? (setting, day) : nil
    }

    private static func millimetres(_ text: String) -> ExactDecimal? {
        let point = text.trimmed.replacing(",", with: ".")
        guard let number = ExactDecimal(point), number.decimals <= 2,
            distances.contains(number)
        else { return nil }
        return number.trimmed
    }
}

/// The form of name and room.
struct NameDraft: Sendable {
    var name: String
    var room: String
    private(set) var nameError: String?
    private(set) var roomError: String?

    static let mostCharacters = 100

    init(_ setting: DeviceSetting) {
        name = setting.name ?? ""
        room = setting.room ?? ""
    }

    init(_ form: Fields) {
        name = (form["name"] ?? "").trimmed
        room = (form["room"] ?? "").trimmed
        if name.unicodeScalars.count > Self.mostCharacters {
            nameError = "A name has at most \(Self.mostCharacters) characters."
        }
        if room.unicodeScalars.count > Self.mostCharacters {
            roomError = "A room has at most \(Self.mostCharacters) characters."
        }
    }

    var errors: [String] { [nameError, roomError].compactMap { $0 } }
}
