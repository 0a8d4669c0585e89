import Shared

/// What a CV-5000 loads from its import folder: a JOIA document with `SBJ` and nothing else.
package struct PhoropterImportFile: Sendable {
    /// With the number that the phoropter keeps and writes into its results.
    package let patient: SimulatedPatient
    /// Echoed as they came.
    package let sets: [PhoropterSet]

    /// Reads the file as strictly as the phoropter does.
    ///
    /// Errors: `Refusal` for anything that it is not known to take.
    package init(bytes: [UInt8]) throws(Refusal) {
        let declaration = #"<?xml version="1.0" encoding="UTF-8" standalone="no"?>"#
        let root = try StrictXML.root(of: bytes, declaration: declaration)
        let base = "http://www.joia.or.jp/standardized/namespaces/"
        guard root.name == "Ophthalmology", root.attributes["xmlns:nsCommon"] == base + "Common",
            root.attributes["xmlns:nsSBJ"] == base + "SBJ"
        else { throw Refusal("the root is not that of a JOIA document with SBJ") }
        let blocks = try root.children(named: ["nsCommon:Common", "nsSBJ:Measure"])
        patient = try Self.patient(blocks[0].child("nsCommon:Patient"))
        guard blocks[1].attributes["type"] == "SBJ" else { throw Refusal("no measure of type SBJ") }
        let test = try blocks[1].children(named: ["nsSBJ:RefractionTest"])[0]
        var sets: [PhoropterSet] = []
        for type in test.children {
            guard type.name == "nsSBJ:Type" else { throw Refusal("\(type.name) among the types") }
            sets.append(try PhoropterImportSet.read(type))
        }
        guard !sets.isEmpty, Set(sets.map(\.typeName)).count == sets.count else {
            throw Refusal("no data set, or one twice")
        }
        self.sets = sets
    }

    private static func patient(_ block: StrictXML.Element) throws(Refusal) -> SimulatedPatient {
        let number = try block.child("nsCommon:No.").text
        guard !number.isEmpty, try block.child("nsCommon:ID").text == number else {
            throw Refusal("No. and ID are empty, or differ")
        }
        let birth = try block.child("nsCommon:DOB").text
        return SimulatedPatient(
            familyName: try block.child("nsCommon:LastName").text,
            givenName: try block.child("nsCommon:FirstName").text,
            birthDate: CalendarDate(birth),
            number: number
        )
    }
}

/// One data set of an import document.
enum PhoropterImportSet {
    private static let names = ["Objective Data", "Current Spectacles", "Last Prescription"]

    static func read(_ type: StrictXML.Element) throws(Refusal) -> PhoropterSet {
        guard let name = type.children.first, name.name == "nsSBJ:TypeName",
            names.contains(name.text), let number = type.attributes["No"].flatMap({ Int($0) })
        else { throw Refusal("a data set without number and name, or with another name") }
        let exams = type.children.dropFirst()
        guard (1...2).contains(exams.count),
            exams.enumerated().allSatisfy({ index, exam in
                exam.name == "nsSBJ:ExamDistance" && exam.attributes["No"] == String(index + 1)
            })
        else { throw Refusal("the distances of \(name.text) are not 1, or 1 and 2") }
        var distances: [PhoropterDistance] = []
        for exam in exams { distances.append(try distance(exam)) }
        guard distances[0].thousandthsOfCentimetre > 100_000,
            distances.dropFirst().allSatisfy({ $0.thousandthsOfCentimetre <= 100_000 })
        else { throw Refusal("far is not the first distance") }
        return PhoropterSet(number: number, typeName: name.text, distances: distances)
    }

    private static func distance(_ exam: StrictXML.Element) throws(Refusal) -> PhoropterDistance {
        let data = try exam.child("nsSBJ:RefractionData")
        func lens(_ name: String) throws(Refusal) -> PhoropterLens? {
            guard data.children.contains(where: { $0.name == name }) else { return nil }
            return try Self.lens(data.child(name))
        }
        let lenses = EyePair<PhoropterLens?>(
            right: try lens("nsSBJ:R"),
            left: try lens("nsSBJ:L")
        )
        guard lenses.right != nil || lenses.left != nil else {
            throw Refusal("a distance without lenses")
        }
        let centimetres = try number(exam.child("nsSBJ:Distance"), decimals: 3, unit: "cm")
        return PhoropterDistance(
            thousandthsOfCentimetre: centimetres ?? 0,
            lenses: lenses,
            acuity: .absent,
            pupillaryDistance: nil
        )
    }

    private static func lens(_ eye: StrictXML.Element) throws(Refusal) -> PhoropterLens {
        let sphere = try number(eye.child("nsSBJ:Sph"), decimals: 2, unit: "D")
        let cylinder = try number(eye.child("nsSBJ:Cyl"), decimals: 2, unit: "D") ?? 0
        let axis = try number(eye.child("nsSBJ:Axis"), decimals: 0, unit: "deg")
        guard let sphere, cylinder <= 0, (1...180).contains(axis ?? 180),
            cylinder == 0 || axis != nil
        else { throw Refusal("a lens without sphere, with a plus cylinder, or without its axis") }
        return PhoropterLens(sphere: sphere, cylinder: cylinder, axis: axis ?? 180)
    }

    /// The digits without the point; nil for an empty element.
    private static func number(
        _ element: StrictXML.Element,
        decimals: Int,
        unit: String
    ) throws(Refusal) -> Int? {
        guard element.attributes["unit"] == unit else {
            throw Refusal("\(element.name) in no \(unit)")
        }
        guard !element.text.isEmpty else { return nil }
        guard let number = ExactDecimal(element.text), number.decimals == decimals else {
            throw Refusal("\(element.name) without \(decimals) decimals behind a point")
        }
        return Int(number.unscaled)
    }
}
