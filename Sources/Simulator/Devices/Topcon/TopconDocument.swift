import Shared

/// Who a Topcon file says was examined.
package enum TopconIdentity: Hashable, Sendable {
    /// The clinic's number was typed at the device, and perhaps the name.
    case patient(number: String, named: Bool)
    /// Nobody was chosen: the device counts.
    case counter(Int)

    /// What happens in a clinic: at every fourth examination nobody is chosen.
    static func drawn(
        for patient: SimulatedPatient,
        counter: Int,
        _ random: inout SeededGenerator
    ) -> TopconIdentity {
        random.chance(25)
            ? .counter(counter)
            : .patient(number: patient.number, named: random.chance(50))
    }

    /// What stands in the file as the patient's number.
    var number: String {
        switch self {
        case .patient(let number, _): number
        case .counter(let count): padded(count, 4)
        }
    }

    var isNamed: Bool {
        if case .patient(_, named: true) = self { true } else { false }
    }
}

/// A JOIA XML document: the head that all Topcon devices write, and below it the measurements.
struct TopconDocument {
    let machine: TopconMachine
    let patient: SimulatedPatient
    let identity: TopconIdentity
    let time: LocalTime
    /// The patient's name in katakana, where a Japanese user typed one.
    var kanaName: String?

    /// The file; `blocks` writes what stands behind the head.
    func file(_ blocks: (inout XMLText) -> Void) -> SimulatedFile {
        var xml = XMLText(pairsEmptyElements: !machine.isController)
        xml.line(machine.declaration)
        xml.element("Ophthalmology", attributes: namespaces) { root in
            header(&root)
            blocks(&root)
        }
        let bytes = machine.isShiftJIS ? LegacyText.shiftJIS(xml.text) : Array(xml.text.utf8)
        return SimulatedFile(path: [name], bytes: bytes)
    }

    /// Such as `4711_20261120_101437218_TOPCON_CV-5000_19216811020.xml`.
    private var name: String {
        let day = time.date.description.filter { $0 != "-" }
        let clock = VisionixText.clock(time, separator: "")
        let milliseconds = machine.namesHaveMilliseconds ? padded(time.millisecond ?? 0, 3) : ""
        let prefix =
            switch identity {
            case .patient(let number, _): number
            case .counter(let count): "M-Serial\(padded(count, 4))"
            }
        return
            "\(prefix)_\(day)_\(clock)\(milliseconds)_TOPCON_\(machine.model)_\(machine.suffix).xml"
    }

    private func header(_ root: inout XMLText) {
        root.within(prefix: "nsCommon:") { root in
            root.element("Common") { common in
                common.leaf("Company", "TOPCON")
                common.leaf("ModelName", machine.model)
                common.leaf("MachineNo", machine.number)
                common.leaf("ROMVersion", machine.software)
                common.leaf("Version", "1.2")
                common.leaf("Date", time.date.description)
                let milliseconds =
                    machine.isController ? ".\(padded(time.millisecond ?? 0, 3))" : ""
                common.leaf("Time", VisionixText.clock(time, separator: ":") + milliseconds)
                common.element("Patient", person)
                if machine.isController {
                    common.within(prefix: "") { common in
                        common.leaf("Duration", "00:06:42")
                        common.leaf("DateFormat", "D_M_Y")
                    }
                } else {
                    common.element("Operator") { person in
                        person.leaf("No.", nil)
                        person.leaf("ID", nil)
                    }
                }
            }
        }
    }

    private func person(_ block: inout XMLText) {
        func name(_ name: String) -> String? {
            guard identity.isNamed else { return nil }
            return machine.isShiftJIS ? Names.ascii(name) : name
        }
        block.leaf("No.", identity.number)
        block.leaf("ID", identity.number)
        block.leaf("FirstName", name(patient.givenName))
        block.leaf("MiddleName", nil)
        block.leaf("LastName", name(patient.familyName))
        for empty in ["Sex", "Age", "DOB"] { block.leaf(empty, nil) }
        block.leaf("NameJ1", kanaName)
        block.leaf("NameJ2", nil)
    }

    private var namespaces: String {
        let base = "http://www.joia.or.jp/standardized/namespaces/"
        let names = ["Common"] + machine.blocks
        let prefixes = names.map { " xmlns:ns\($0)=\"\(base)\($0)\"" }.joined()
        let schemas = names.map { "\(base)\($0) \($0)_schema.xsd" }.joined(separator: " ")
        return " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"\(prefixes)"
            + " xsi:schemaLocation=\"\(schemas)\""
    }
}
