import Postgres
import Shared

/// A patient who may be the person that somebody is about to register.
struct LikelyDuplicate: Sendable {
    let patient: Patient
    let likeness: Likeness

    /// Why, the strongest first.
    enum Likeness: Int, Sendable, Comparable {
        case sameNameAndBirthDate
        case sameBirthDateAndSound
        case sameName
        case similarBirthDateAndSound
        case sameSound

        static func < (left: Likeness, right: Likeness) -> Bool { left.rawValue < right.rawValue }

        var sentence: String {
            switch self {
            case .sameNameAndBirthDate: "Same name and birth date."
            case .sameBirthDateAndSound: "Same birth date, and a name that sounds alike."
            case .sameName: "Same name; the birth date differs or is not known."
            case .similarBirthDateAndSound:
                "A name that sounds alike, and a birth date that differs by a slip."
            case .sameSound: "A name that sounds alike; one of the birth dates is not known."
            }
        }
    }

    /// Compares what was typed with a record; nil where they are two people as far as one can see.
    static func likeness(
        of name: PersonName,
        _ birthDate: PartialDate?,
        to patient: Patient
    ) -> Likeness? {
        let isSameName = NameComparison(written: name, recorded: patient.name) == .equal
        let soundsAlike = isSameName || sound(name, patient.name)
        guard let typed = birthDate, let known = patient.birthDate else {
            return isSameName ? .sameName : soundsAlike ? .sameSound : nil
        }
        if typed == known {
            if isSameName { return .sameNameAndBirthDate }
            return soundsAlike || partlySoundsAlike(name, patient.name)
                ? .sameBirthDateAndSound : nil
        }
        if isSameName { return .sameName }
        return soundsAlike && isSlip(typed, known) ? .similarBirthDateAndSound : nil
    }

    private static func sound(_ one: PersonName, _ two: PersonName) -> Bool {
        let (first, second) = (sounds(one), sounds(two))
        return first == second || (first.family == second.given && first.given == second.family)
    }

    /// One of the names is enough beside the same birth date: a woman under her husband's name.
    private static func partlySoundsAlike(_ one: PersonName, _ two: PersonName) -> Bool {
        let (first, second) = (sounds(one), sounds(two))
        return first.family == second.family
            || (!first.given.isEmpty && first.given == second.given)
    }

    private static func sounds(_ name: PersonName) -> (family: String, given: String) {
        let first = name.given.split(separator: " ").first.map(String.init) ?? ""
        return (SoundKey.of(name.family), SoundKey.of(first))
    }

    /// One digit is another, two neighbours are exchanged, or day and month are.
    private static func isSlip(_ one: PartialDate, _ two: PartialDate) -> Bool {
        if one.agrees(with: two) { return true }
        if one.year == two.year, one.month == two.day, one.day == two.month { return true }
        let (first, second) = (Array(one.description.utf8), Array(two.description.utf8))
        guard first.count == second.count else { return false }
        let places = first.indices.filter { first[$0] != second[$0] }
        switch places.count {
        case 1: return true
        case 2:
            return places[1] == places[0] + 1 && first[places[0]] == second[places[1]]
                && first[places[1]] == second[places[0]]
        default: return false
        }
    }
}

extension PatientStore {
    /// The patients of a site whom the typed person may already be, the likeliest first.
    func duplicates(
        of name: PersonName,
        _ birthDate: PartialDate?,
        site: Identifier,
        besides known: Identifier? = nil
    ) async throws -> [LikelyDuplicate] {
        guard !FoldedName.keys(name.family).isEmpty else { return [] }
        let first = name.given.split(separator: " ").first.map(String.init) ?? ""
        let (family, given) = (SoundKey.of(name.family), SoundKey.of(first))
        // What sounds alike, and what was born on the same day; the rest is compared here.
        let rows = try await database.query(
            """
            SELECT \(Patient.columns) FROM patient
            WHERE (patient.sound_key = ANY(\(["\(family)/\(given)", "\(given)/\(family)"])::text[])
                    OR patient.birth_date = \(birthDate?.description))
                AND patient.merged_into IS NULL
                AND EXISTS (SELECT FROM patient_site WHERE patient_site.site_id = \(site)
                    AND patient_site.patient_id = patient.id)
            ORDER BY patient.sort_key, patient.number LIMIT 500
            """
        )
        return try rows.map(Patient.init).filter { $0.id != known }
            .compactMap { patient in
                LikelyDuplicate.likeness(of: name, birthDate, to: patient)
                    .map { LikelyDuplicate(patient: patient, likeness: $0) }
            }
            .sorted {
                ($0.likeness, $0.patient.number.sequence) < (
                    $1.likeness, $1.patient.number.sequence
                )
            }
    }
}
