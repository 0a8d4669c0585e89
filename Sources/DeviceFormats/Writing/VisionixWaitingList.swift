import Shared

/// A patient for the waiting list of a Visionix VX100 or VX120: one XML file in its folder.
///
/// The order of the elements and the spelling `ID` are those that the devices are known to take.
package enum VisionixWaitingList {
    /// The file of a patient.
    ///
    /// Errors: `birthDateUnknown`, `nameMissing`, `nameUnwritable`, `numberUnwritable`.
    package static func file(for patient: OutgoingPatient) throws(WritingRefusal) -> OutgoingFile {
        let number = try patient.checkedNumber()
        let (family, given) = try patient.names()
        guard let birthDate = patient.birthDate else { throw .birthDateUnknown }
        let parts = [
            number, LatinText.fileNamePart(family), LatinText.fileNamePart(given),
            birthDate.description,
        ]
        var text = MarkupText(declaration: #"<?xml version="1.0" encoding="UTF-8"?>"#)
        text.element("optic") { text in
            text.element("optometry") { text in
                text.element("patient") { text in
                    text.element("ID", text: number)
                    text.element("first_name", text: given)
                    text.element("last_name", text: family)
                    text.element("gender", text: gender(patient.sex))
                    text.element("birthday", text: birthDate.description)
                    text.element("address") { empty(["street", "street2", "zip", "city"], &$0) }
                    text.element("contact") {
                        empty(["phone", "mobile_phone", "fax", "email"], &$0)
                    }
                }
            }
        }
        return OutgoingFile(name: parts.joined(separator: "_") + ".xml", bytes: text.bytes)
    }

    private static func gender(_ sex: OutgoingPatient.Sex?) -> String {
        switch sex {
        case .female: "f"
        case .male: "m"
        case nil: ""
        }
    }

    private static func empty(_ names: [String], _ text: inout MarkupText) {
        for name in names { text.element(name, text: "") }
    }
}
