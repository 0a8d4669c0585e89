import Shared

/// A patient's file in the waiting list of a VX100 or VX120, read as strictly as the devices do:
/// they took no other order of the elements, and no `id` in small letters.
package enum WaitingListFile {
    /// The patient, with the clinic's number.
    ///
    /// Errors: `Refusal` for anything that the device is not known to take.
    package static func patient(
        name: String,
        bytes: [UInt8]
    ) throws(Refusal) -> SimulatedPatient {
        let declaration = #"<?xml version="1.0" encoding="UTF-8"?>"#
        let root = try StrictXML.root(of: bytes, declaration: declaration)
        guard root.name == "optic" else { throw Refusal("the root is \(root.name)") }
        let optometry = try root.children(named: ["optometry"])[0]
        let patient = try optometry.children(named: ["patient"])[0]
        let fields = try patient.children(
            named: [
                "ID", "first_name", "last_name", "gender", "birthday", "address", "contact",
            ]
        )
        _ = try fields[5].children(named: ["street", "street2", "zip", "city"])
        _ = try fields[6].children(named: ["phone", "mobile_phone", "fax", "email"])
        let number = fields[0].text
        guard !number.isEmpty, !fields[1].text.isEmpty, !fields[2].text.isEmpty else {
            throw Refusal("a number or a name is empty")
        }
        guard let birthDate = CalendarDate(fields[4].text) else {
            throw Refusal("the birthday, which is compulsory, is no date")
        }
        let gender = fields[3].text
        guard sexes[gender] != nil || gender.isEmpty else {
            throw Refusal("the gender is neither m nor f nor empty")
        }
        guard name.hasPrefix("\(number)_"), name.hasSuffix("_\(birthDate).xml") else {
            throw Refusal("the file's name does not begin and end as its content says")
        }
        return SimulatedPatient(
            familyName: fields[2].text,
            givenName: fields[1].text,
            birthDate: birthDate,
            sex: sexes[gender],
            number: number
        )
    }

    private static let sexes: [String: SimulatedPatient.Sex] = ["m": .male, "f": .female]
}
