import Shared

/// What a Topcon RM-8000 autorefractor sends, as a file of its own.
enum RM8000: DocumentFormat {
    static let name = RM8000Framing.name
    static let decoderVersion = 1
    static let maximumBytes = SerialDump.maximumBytes

    static func recognises(_ document: DeviceDocument) -> Bool {
        document.bytes.starts(with: [UInt8(ascii: "A"), 0x0D])
    }

    static func completeness(of document: DeviceDocument) -> Completeness {
        document.bytes.last == 0x04 ? .complete : .incomplete
    }

    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        try readings(document.bytes, isWhole: true, reference)
    }

    /// The reading of one transmission; of a cut one the eyes that are whole, for a person.
    ///
    /// Errors: `truncated` where the end is not there though it is said to be; `malformed` where
    /// the fields are not those of the format.
    static func readings(
        _ bytes: [UInt8],
        isWhole: Bool,
        _ reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        var framing = RM8000Framing()
        let steps = SerialDump.steps(of: bytes, through: &framing).filter { $0 != .noise }
        guard steps.count < 2 else { throw SerialDump.several }
        switch (steps.first, isWhole) {
        case (.whole, _), (_, false): break
        case (nil, true): throw SerialDump.cut
        default: throw misplaced
        }
        let fields = framing.fields.map(SerialText.text)
        guard !isWhole || fields.count == count else { throw misplaced }
        guard let reading = try reading(fields, isWhole, reference) else { return [] }
        return [DecodedReading(reading: reading, pairing: nil)]
    }

    /// `A`, then for each eye its letter, sphere, cylinder, axis and one field that is not known,
    /// then the distance of the pupils.
    private static let count = 12
    private static let misplaced = DocumentFailure(
        .malformed,
        "The fields are not those of the format."
    )

    private static func reading(
        _ fields: [String],
        _ isWhole: Bool,
        _ reference: DocumentReference
    ) throws(DocumentFailure) -> Reading? {
        var draft = ReadingDraft()
        for (start, letter, eye) in [(1, "R", Eye.right), (6, "L", Eye.left)] {
            // Only a whole eye counts: a cylinder that has not come would change the sphere.
            guard fields.count > start + 3 else { break }
            guard fields[start] == letter else { throw misplaced }
            func field(_ offset: Int, _ quantity: Quantity) -> DeviceField? {
                SerialText.field(
                    fields[start + offset],
                    path: "field \(start + offset)",
                    for: ReadingValue(eye, quantity),
                    in: &draft
                )
            }
            let triple = RefractionTriple(
                sphere: field(1, .sphere),
                cylinder: field(2, .cylinder),
                axis: field(3, .axis)
            )
            triple.append(to: &draft, as: ReadingValue(eye, .sphere))
        }
        if fields.count > 11 {
            let template = ReadingValue(.both, .pupillaryDistance)
            let pupils = SerialText.field(fields[11], path: "field 11", for: template, in: &draft)
            if pupils?.number?.isZero == false { draft.append(pupils, as: template) }
        }
        guard !draft.isEmpty else { return nil }
        if !isWhole { draft.note(ReadingProblem(.transmissionCut)) }
        return Reading(
            kind: .objectiveRefraction,
            label: "REF",
            role: .measured,
            device: DeviceIdentity(manufacturer: "TOPCON", model: "RM-8000"),
            measuredAt: nil,
            patient: DevicePatient(),
            values: draft.values,
            problems: draft.problems,
            document: reference
        )
    }
}
