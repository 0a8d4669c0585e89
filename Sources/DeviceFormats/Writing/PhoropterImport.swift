package import Shared

/// Earlier refractions for the import folder of a Topcon CV-5000: a JOIA document of the data sets
/// that the phoropter loads.
package enum PhoropterImport {
    /// The file that the phoropter looks for; a newer one takes its place.
    package static let fileName = "CVImport.xml"
    /// What our documents say of their writer: whatever holds it is never a measurement.
    package static let company = "Clinic Gateway"
    package static let model = "clinic-gateway"

    /// A refraction of both eyes, minus cylinder.
    package struct Refraction: Equatable, Sendable {
        package var source: Source
        package var right: Powers?
        package var left: Powers?
        /// In mm.
        package var vertexDistance: ExactDecimal?
        /// Binocular, in mm.
        package var pupillaryDistance: ExactDecimal?

        package init(
            source: Source,
            right: Powers?,
            left: Powers?,
            vertexDistance: ExactDecimal? = nil,
            pupillaryDistance: ExactDecimal? = nil
        ) {
            self.source = source
            self.right = right
            self.left = left
            self.vertexDistance = vertexDistance
            self.pupillaryDistance = pupillaryDistance
        }
    }

    /// One eye.
    package struct Powers: Equatable, Sendable {
        package var sphere: ExactDecimal
        package var cylinder: ExactDecimal?
        package var axis: Int?
        package var addition: ExactDecimal?

        package init(
            sphere: ExactDecimal,
            cylinder: ExactDecimal? = nil,
            axis: Int? = nil,
            addition: ExactDecimal? = nil
        ) {
            self.sphere = sphere
            self.cylinder = cylinder
            self.axis = axis
            self.addition = addition
        }
    }

    /// The data sets, with the names and the usual numbers that the phoropter gives them.
    package enum Source: String, Sendable, CaseIterable {
        case objective = "Objective Data"
        case spectacles = "Current Spectacles"
        case lastPrescription = "Last Prescription"

        var number: Int {
            switch self {
            case .objective: 4
            case .spectacles: 5
            case .lastPrescription: 6
            }
        }
    }

    /// The document for a patient, written at `time` of the device's zone.
    ///
    /// Errors: `WritingRefusal` for a name or number that cannot be written; `valuesMissing` without
    /// a refraction; `valuesImpossible` for values that contradict each other, that no eye has, or
    /// with more than two decimals: nothing is rounded here.
    package static func file(
        for patient: OutgoingPatient,
        _ refractions: [Refraction],
        at time: LocalTime
    ) throws(WritingRefusal) -> OutgoingFile {
        let number = try patient.checkedNumber()
        let names = try patient.names()
        guard !refractions.isEmpty else { throw .valuesMissing }
        guard Set(refractions.map(\.source)).count == refractions.count else {
            throw .valuesImpossible
        }
        var sets: [PhoropterDataSet] = []
        for refraction in refractions { sets.append(try PhoropterDataSet(refraction)) }
        var text = MarkupText(
            declaration: #"<?xml version="1.0" encoding="UTF-8" standalone="no"?>"#
        )
        text.element("Ophthalmology", namespaces) { text in
            header(patient, number, names, time, &text)
            text.element("nsSBJ:Measure", [("type", "SBJ")]) { text in
                text.element("nsSBJ:RefractionTest") { text in
                    for set in sets { set.write(to: &text) }
                }
            }
        }
        return OutgoingFile(name: fileName, bytes: text.bytes)
    }

    private static let namespaces = ["Common", "SBJ"].map {
        ("xmlns:ns\($0)", "http://www.joia.or.jp/standardized/namespaces/\($0)")
    }

    private static func header(
        _ patient: OutgoingPatient,
        _ number: String,
        _ names: (family: String, given: String),
        _ time: LocalTime,
        _ text: inout MarkupText
    ) {
        let clock = "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
        let fields = [
            ("Company", company), ("ModelName", model), ("MachineNo", "00"), ("ROMVersion", "1"),
            ("Version", "1.2"), ("Date", time.date.description), ("Time", clock),
        ]
        let sex =
            switch patient.sex {
            case .female: "Female"
            case .male: "Male"
            case nil: ""
            }
        text.element("nsCommon:Common") { text in
            for (name, value) in fields { text.element("nsCommon:\(name)", text: value) }
            text.element("nsCommon:Patient") { text in
                let fields = [
                    ("No.", number), ("ID", number), ("FirstName", names.given),
                    ("MiddleName", ""), ("LastName", names.family), ("Sex", sex), ("Age", ""),
                    ("DOB", patient.birthDate?.description ?? ""),
                ]
                for (name, value) in fields { text.element("nsCommon:\(name)", text: value) }
            }
        }
    }
}
