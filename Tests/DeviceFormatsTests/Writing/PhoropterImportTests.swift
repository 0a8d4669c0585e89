import Shared
import Testing

@testable import DeviceFormats

@Suite struct `The import document of a phoropter` {
    private let time = LocalTime("2027-03-09T08:05:09")

    private func decimal(_ text: String) throws -> ExactDecimal {
        try #require(ExactDecimal(text))
    }

    private func file(_ refractions: [PhoropterImport.Refraction]) throws -> OutgoingFile {
        try PhoropterImport.file(for: .sample, refractions, at: try #require(time))
    }

    private func spectacles() throws -> PhoropterImport.Refraction {
        PhoropterImport.Refraction(
            source: .spectacles,
            right: PhoropterImport.Powers(
                sphere: try decimal("1.25"),
                cylinder: try decimal("-0.5"),
                axis: 7,
                addition: try decimal("2.00")
            ),
            left: PhoropterImport.Powers(sphere: try decimal("-0.75")),
            vertexDistance: try decimal("12"),
            pupillaryDistance: try decimal("63.5")
        )
    }

    @Test func `holds one set with what is known, element by element`() throws {
        let file = try file([try spectacles()])
        #expect(file.name == "CVImport.xml")
        let base = "http://www.joia.or.jp/standardized/namespaces"
        let lines = [
            #"<?xml version="1.0" encoding="UTF-8" standalone="no"?>"#,
            #"<Ophthalmology xmlns:nsCommon="\#(base)/Common" xmlns:nsSBJ="\#(base)/SBJ">"#,
            "\t<nsCommon:Common>", "\t\t<nsCommon:Company>Clinic Gateway</nsCommon:Company>",
            "\t\t<nsCommon:ModelName>clinic-gateway</nsCommon:ModelName>",
            "\t\t<nsCommon:MachineNo>00</nsCommon:MachineNo>",
            "\t\t<nsCommon:ROMVersion>1</nsCommon:ROMVersion>",
            "\t\t<nsCommon:Version>1.2</nsCommon:Version>",
            "\t\t<nsCommon:Date>2027-03-09</nsCommon:Date>",
            "\t\t<nsCommon:Time>08:05:09</nsCommon:Time>", "\t\t<nsCommon:Patient>",
            "\t\t\t<nsCommon:No.>1000004</nsCommon:No.>",
            "\t\t\t<nsCommon:ID>1000004</nsCommon:ID>",
            "\t\t\t<nsCommon:FirstName>Lena</nsCommon:FirstName>",
            "\t\t\t<nsCommon:MiddleName></nsCommon:MiddleName>",
            "\t\t\t<nsCommon:LastName>PROBE VAN DER BERG</nsCommon:LastName>",
            "\t\t\t<nsCommon:Sex>Female</nsCommon:Sex>", "\t\t\t<nsCommon:Age></nsCommon:Age>",
            "\t\t\t<nsCommon:DOB>1987-05-02</nsCommon:DOB>", "\t\t</nsCommon:Patient>",
            "\t</nsCommon:Common>", "\t<nsSBJ:Measure type=\"SBJ\">", "\t\t<nsSBJ:RefractionTest>",
            "\t\t\t<nsSBJ:Type No=\"5\">",
            "\t\t\t\t<nsSBJ:TypeName>Current Spectacles</nsSBJ:TypeName>",
            "\t\t\t\t<nsSBJ:ExamDistance No=\"1\">",
            "\t\t\t\t\t<nsSBJ:Distance unit=\"cm\">500.000</nsSBJ:Distance>",
            "\t\t\t\t\t<nsSBJ:RefractionData>", "\t\t\t\t\t\t<nsSBJ:R>",
            "\t\t\t\t\t\t\t<nsSBJ:Sph unit=\"D\">1.25</nsSBJ:Sph>",
            "\t\t\t\t\t\t\t<nsSBJ:Cyl unit=\"D\">-0.50</nsSBJ:Cyl>",
            "\t\t\t\t\t\t\t<nsSBJ:Axis unit=\"deg\">7</nsSBJ:Axis>", "\t\t\t\t\t\t</nsSBJ:R>",
            "\t\t\t\t\t\t<nsSBJ:L>", "\t\t\t\t\t\t\t<nsSBJ:Sph unit=\"D\">-0.75</nsSBJ:Sph>",
            "\t\t\t\t\t\t\t<nsSBJ:Cyl unit=\"D\"></nsSBJ:Cyl>",
            "\t\t\t\t\t\t\t<nsSBJ:Axis unit=\"deg\"></nsSBJ:Axis>", "\t\t\t\t\t\t</nsSBJ:L>",
            "\t\t\t\t\t\t<nsSBJ:VD unit=\"mm\">12.00</nsSBJ:VD>",
            "\t\t\t\t\t</nsSBJ:RefractionData>", "\t\t\t\t\t<nsSBJ:PD>",
            "\t\t\t\t\t\t<nsSBJ:B unit=\"mm\">63.50</nsSBJ:B>", "\t\t\t\t\t</nsSBJ:PD>",
            "\t\t\t\t</nsSBJ:ExamDistance>", "\t\t\t\t<nsSBJ:ExamDistance No=\"2\">",
            "\t\t\t\t\t<nsSBJ:Distance unit=\"cm\">40.000</nsSBJ:Distance>",
            "\t\t\t\t\t<nsSBJ:RefractionData>", "\t\t\t\t\t\t<nsSBJ:R>",
            "\t\t\t\t\t\t\t<nsSBJ:Sph unit=\"D\">3.25</nsSBJ:Sph>",
            "\t\t\t\t\t\t\t<nsSBJ:Cyl unit=\"D\">-0.50</nsSBJ:Cyl>",
            "\t\t\t\t\t\t\t<nsSBJ:Axis unit=\"deg\">7</nsSBJ:Axis>", "\t\t\t\t\t\t</nsSBJ:R>",
            "\t\t\t\t\t\t<nsSBJ:VD unit=\"mm\">12.00</nsSBJ:VD>",
            "\t\t\t\t\t</nsSBJ:RefractionData>", "\t\t\t\t</nsSBJ:ExamDistance>",
            "\t\t\t</nsSBJ:Type>", "\t\t</nsSBJ:RefractionTest>", "\t</nsSBJ:Measure>",
            "</Ophthalmology>", "",
        ]
        #expect(
            String(decoding: file.bytes, as: UTF8.self).split(
                separator: "\n",
                omittingEmptySubsequences: false
            ).map(String.init) == lines
        )
    }

    @Test func `what is not known has no element, and no near distance stands without an addition`()
        throws
    {
        let objective = PhoropterImport.Refraction(
            source: .objective,
            right: nil,
            left: PhoropterImport.Powers(
                sphere: try decimal("0"),
                cylinder: try decimal("0.00"),
                axis: 90
            )
        )
        let text = String(decoding: try file([objective]).bytes, as: UTF8.self)
        for absent in ["nsSBJ:R>", "nsSBJ:VD", "nsSBJ:PD", "ExamDistance No=\"2\""] {
            #expect(!text.contains(absent))
        }
        #expect(text.contains("<nsSBJ:Sph unit=\"D\">0.00</nsSBJ:Sph>"))
        // Without a cylinder the axis means nothing.
        #expect(text.contains("<nsSBJ:Axis unit=\"deg\"></nsSBJ:Axis>"))
    }

    @Test func `comes back as echoes with the values that went out, and as nothing measured`()
        throws
    {
        var others = [try spectacles()]
        for source in [PhoropterImport.Source.objective, .lastPrescription] {
            var other = try spectacles()
            other.source = source
            others.append(other)
        }
        let file = try file(others)
        let decoded = try DeviceFormats.decode(
            DeviceDocument(bytes: file.bytes, name: file.name)
        )
        let readings = decoded.readings.map(\.reading)
        #expect(
            readings.map(\.label).sorted()
                == PhoropterImport.Source.allCases.map(\.rawValue).sorted()
        )
        #expect(readings.allSatisfy { $0.role == .echo })
        let reading = try #require(readings.first { $0.label == "Current Spectacles" })
        #expect(reading.kind == .lensmetry)
        #expect(reading.patient.number == "1000004")
        #expect(!reading.patient.numberIsCounter)
        #expect(reading.patient.birthDate == CalendarDate("1987-05-02"))
        let lines = reading.values.map(\.line)
        for line in [
            "right sphere 1.25 [diop] far 500cm", "right cylinder -0.50 [diop] far 500cm",
            "right axis 7 deg far 500cm", "left sphere -0.75 [diop] far 500cm",
            "both pupillaryDistance 63.50 mm far 500cm", "right sphere 3.25 [diop] near 40cm",
            "right addition 2.00 [diop] derived",
        ] {
            #expect(lines.contains(line), "\(line) in \(lines)")
        }
        #expect(!lines.contains { $0.hasPrefix("left cylinder") })
    }

    @Test func `whatever a document of ours calls its sets, they are echoes`() throws {
        let text = String(decoding: try file([try spectacles()]).bytes, as: UTF8.self)
            .replacing("Current Spectacles", with: "Prescription")
        let decoded = try DeviceFormats.decode(
            DeviceDocument(bytes: Array(text.utf8), name: "1000004_x.xml")
        )
        #expect(decoded.readings.map(\.reading.role) == [.echo])
    }

    @Test func `values that no eye has, or that say more than is written, are refused`() throws {
        func powers(
            _ sphere: String,
            _ cylinder: String?,
            _ axis: Int?,
            _ addition: String? = nil
        )
            throws -> PhoropterImport.Powers
        {
            PhoropterImport.Powers(
                sphere: try decimal(sphere),
                cylinder: try cylinder.map(decimal),
                axis: axis,
                addition: try addition.map(decimal)
            )
        }
        for powers in [
            try powers("-31", nil, nil), try powers("1", "-11", 5), try powers("1", "0.5", 5),
            try powers("1", "-0.5", nil), try powers("1", "-0.5", 0), try powers("1", "-0.5", 181),
            try powers("1", nil, 5), try powers("-1.933", nil, nil),
            try powers("1", nil, nil, "-0.25"),
        ] {
            let refraction = PhoropterImport.Refraction(
                source: .objective,
                right: powers,
                left: nil
            )
            #expect(throws: WritingRefusal.valuesImpossible, "\(powers)") {
                try file([refraction])
            }
        }
        let none = PhoropterImport.Refraction(source: .objective, right: nil, left: nil)
        #expect(throws: WritingRefusal.valuesMissing) { try file([none]) }
        #expect(throws: WritingRefusal.valuesMissing) { try file([]) }
        let twice = [try spectacles(), try spectacles()]
        #expect(throws: WritingRefusal.valuesImpossible) { try file(twice) }
    }
}
