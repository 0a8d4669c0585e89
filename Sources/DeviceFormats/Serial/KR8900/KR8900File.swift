import Shared

/// The lines of a KR-8900 in the one order that is known.
struct KR8900File {
    private let lines: [String]
    private var refraction = ReadingDraft()
    private var cornea = ReadingDraft()

    /// Date, time, two distances, four lines of refraction and ten of keratometry per eye, the
    /// device, the work number.
    private static let count = 4 + 2 * 4 + 2 * 10 + 2

    /// Errors: `malformed` where there are more or fewer lines, or where a spherical equivalent
    /// does not belong to the sphere and cylinder before it: then the order is another.
    init(_ lines: [String]) throws(DocumentFailure) {
        guard lines.count == Self.count, lines[Self.count - 2].hasPrefix("KR-8900") else {
            throw DocumentFailure(.malformed, "The lines are not those of the format.")
        }
        self.lines = lines
        try readDistances()
        try readRefraction(.right, from: 4)
        try readRefraction(.left, from: 8)
        readCornea(.right, from: 12)
        readCornea(.left, from: 22)
    }

    /// A refraction and a keratometry; each only where something was measured.
    func readings(_ reference: DocumentReference) -> [Reading] {
        [
            reading(.objectiveRefraction, "REF", refraction, reference),
            reading(.keratometry, "KM", cornea, reference),
        ].compactMap(\.self)
    }

    private static let misordered = DocumentFailure(
        .malformed,
        "The lines contradict each other: this device has another order."
    )

    /// The distances of pupils and vertex, which come in either order: their ranges tell.
    private mutating func readDistances() throws(DocumentFailure) {
        let pupils = ReadingValue(.both, .pupillaryDistance)
        let vertex = ReadingValue(.both, .vertexDistance)
        let fields = [2, 3].compactMap { field($0, pupils, &refraction) }
        let isPupils = { (field: DeviceField) in field.number.map { $0 >= 40 } ?? false }
        guard fields.count(where: isPupils) < 2, fields.count(where: { !isPupils($0) }) < 2 else {
            // Two of one kind; unless neither was measured.
            guard fields.allSatisfy({ $0.number?.isZero == true }) else { throw Self.misordered }
            return
        }
        for field in fields {
            if isPupils(field) {
                refraction.append(field, as: pupils)
            } else if let number = field.number {
                guard (0...16).contains(number) else { throw Self.misordered }
                refraction.append(field, as: vertex)
            }
        }
    }

    private mutating func readRefraction(_ eye: Eye, from start: Int) throws(DocumentFailure) {
        let template = ReadingValue(eye, .sphere)
        let sphere = field(start, template, &refraction)
        let cylinder = field(start + 1, template.of(.cylinder), &refraction)
        let axis = field(start + 2, template.of(.axis), &refraction)
        let equivalent = field(start + 3, template.of(.sphericalEquivalent), &refraction)
        if let given = equivalent?.number {
            let power = cylinder?.number ?? 0
            let half = ExactDecimal(unscaled: 5, decimals: 1)
            guard let whole = sphere?.number, let part = power.multiplied(by: half, decimals: 3),
                let sum = whole + part, let difference = sum - given,
                difference.magnitude <= ExactDecimal(unscaled: 25, decimals: 2)
            else { throw Self.misordered }
        }
        RefractionTriple(sphere: sphere, cylinder: cylinder, axis: axis)
            .append(to: &refraction, as: template)
        refraction.append(equivalent, as: template.of(.sphericalEquivalent))
    }

    private mutating func readCornea(_ eye: Eye, from start: Int) {
        let template = ReadingValue(eye, .cornealPower)
        func meridian(_ start: Int) -> CornealMeridians.Meridian {
            CornealMeridians.Meridian(
                radius: field(start + 1, template.of(.cornealRadius), &cornea),
                power: field(start, template, &cornea),
                axis: field(start + 2, template.of(.cornealAxis), &cornea)
            )
        }
        let meridians = CornealMeridians(first: meridian(start), second: meridian(start + 3))
        meridians.append(to: &cornea, as: template)
        var average = template.of(.cornealRadius)
        average.meridian = .average
        cornea.append(field(start + 7, average, &cornea), as: average)
        // The average has no axis; the line in that place is a zero.
        average = average.of(.cornealPower)
        cornea.append(field(start + 6, average, &cornea), as: average)
        let cylinder = template.of(.cornealCylinder)
        cornea.append(field(start + 9, cylinder, &cornea), as: cylinder)
    }

    private func field(
        _ index: Int,
        _ template: ReadingValue,
        _ draft: inout ReadingDraft
    ) -> DeviceField? {
        SerialText.field(lines[index], path: "line \(index + 1)", for: template, in: &draft)
    }

    private func reading(
        _ kind: ReadingKind,
        _ label: String,
        _ draft: ReadingDraft,
        _ reference: DocumentReference
    ) -> Reading? {
        guard !draft.isEmpty else { return nil }
        var draft = draft
        let number = lines[Self.count - 1].trimmingBlanks
        let patient = DevicePatient(
            number: number.isEmpty ? nil : number,
            numberIsCounter: !number.isEmpty
        )
        if patient.numberIsCounter { draft.note(ReadingProblem(.patientNumberIsCounter)) }
        let words = lines[Self.count - 2].split(separator: " ")
        return Reading(
            kind: kind,
            label: label,
            role: .measured,
            device: DeviceIdentity(
                manufacturer: "TOPCON",
                model: "KR-8900",
                software: words.count == 2 ? String(words[1]) : nil
            ),
            measuredAt: measuredAt,
            patient: patient,
            values: draft.values,
            problems: draft.problems,
            document: reference
        )
    }

    /// `2027_03_09` and `PM 04:05`; nil where either is unreadable or could be read in two ways.
    private var measuredAt: LocalTime? {
        let words = lines[1].trimmingBlanks.split(separator: " ")
        let parts = words.last?.split(separator: ":") ?? []
        guard let date = CalendarDate(lines[0].replacing("_", with: "-")), words.count == 2,
            ["AM", "PM"].contains(words[0]), parts.count == 2, parts.allSatisfy({ $0.count == 2 }),
            let hour = Int(parts[0]), (1...12).contains(hour), let minute = Int(parts[1])
        else { return nil }
        let afternoon = words[0] == "PM" ? 12 : 0
        return LocalTime(date: date, hour: hour % 12 + afternoon, minute: minute, second: 0)
    }
}
