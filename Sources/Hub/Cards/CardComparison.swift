import Shared
import Sync

/// What a card says otherwise than a patient's record: offered for choice, never taken over.
struct CardComparison: Sendable, Equatable {
    /// One part that differs.
    struct Difference: Sendable, Equatable {
        let part: Part
        let record: String
        let card: String
    }

    /// The parts of a record that a card has too.
    enum Part: String, Sendable, CaseIterable {
        case family, given, birthDate, sex, address

        var title: String {
            switch self {
            case .family: "Family name"
            case .given: "Given names"
            case .birthDate: "Birth date"
            case .sex: "Sex"
            case .address: "Address"
            }
        }
    }

    let differences: [Difference]

    /// Compares what both have; a part that the card leaves out differs in nothing.
    init(
        _ identity: CardIdentity,
        address: PatientAddress?,
        with patient: Patient,
        livingAt known: PatientAddress?
    ) {
        var found: [Difference] = []
        func note(_ part: Part, _ record: String, _ card: String?) {
            guard let card, !card.isEmpty, card != record else { return }
            found.append(Difference(part: part, record: record, card: card))
        }
        note(.family, patient.name.family, identity.familyName)
        // A card has two given names at most: a record with more says no other thing.
        if !Self.begins(patient.name.given, with: identity.givenNames) {
            note(.given, patient.name.given, identity.givenNames)
        }
        note(.birthDate, patient.birthDate?.description ?? "", identity.birthDate)
        note(.sex, patient.sex.rawValue, identity.sex)
        note(.address, known?.line ?? "", address?.line)
        differences = found
    }

    private static func begins(_ record: String, with card: String) -> Bool {
        let (all, first) = (record.split(separator: " "), card.split(separator: " "))
        return !first.isEmpty && all.starts(with: first)
    }
}

extension CardIdentity {
    /// The name as a record has it.
    var name: PersonName { PersonName(family: familyName, given: givenNames) }

    /// The birth date as far as the card knows it.
    var date: PartialDate? { birthDate.flatMap { PartialDate($0) } }

    /// The sex that the card states; unknown where it states none.
    var recordedSex: Sex { sex.flatMap(Sex.init(rawValue:)) ?? .unknown }
}
