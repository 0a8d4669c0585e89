import DeviceFormats
import Foundation
import Shared
import Testing

@testable import Simulator

/// Devices that are told who comes next, as strict as the real ones are known to be.
@Suite struct ReceivingTests {
    @Test(arguments: [SimulatedDevice.vx100, .vx120, .vx120Export])
    func `a waiting patient is measured once, and the file is gone`(
        device: SimulatedDevice
    ) throws {
        let folder = try TemporaryFolder()
        let inbox = ShareWriter(root: "\(folder.path)/inbox")
        var receiving = receiver(device, folder)
        #expect(try receiving.look(at: SimulatedDocuments.usualStart).isEmpty)
        let waiting = SimulatedFile(path: [Self.waitingName], bytes: Array(Self.waiting.utf8))
        try inbox.write(waiting)
        let events = try receiving.look(at: SimulatedDocuments.usualStart)
        guard case .measured(let patient, let name, let files) = try #require(events.first) else {
            Issue.record("\(events)")
            return
        }
        #expect(name == Self.waitingName)
        #expect(patient.number == "1000007")
        #expect(patient.sex == .female)
        #expect(try inbox.names().isEmpty)
        #expect(files.count >= (device == .vx120Export ? 1 : 6))
        #expect(try receiving.look(at: SimulatedDocuments.usualStart).isEmpty)
        guard device != .vx120Export else { return }
        let reading = try #require(
            try DeviceFormats.decode(files[0].document).readings.first?.reading
        )
        #expect(reading.patient.familyName == "D'ÉTÉ & FILS")
        #expect(reading.patient.givenName == "Noémie")
        #expect(reading.patient.birthDate?.description == "1985-03-14")
    }

    @Test(
        arguments: [
            ("<ID>1000007</ID>", "<id>1000007</id>"), ("<ID>1000007</ID>", "<ID/>"),
            ("1985-03-14</birthday>", "</birthday>"), ("1985-03-14</b", "14/03/1985</b"),
            ("<gender>f", "<gender>F"), ("&amp;", "&nbsp;"), ("&amp;", "&"),
            ("<contact>", "<phone/><contact>"), ("\t\t\t<gender>f</gender>\n", ""),
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version=\"1.0\"?>"),
            ("<?xml", "\u{FEFF}<?xml"), ("</optic>", ""), ("</optic>", "</optic><optic/>"),
        ]
    )
    func `a waiting list's file that differs in one place is refused and left`(
        change: (String, String)
    ) throws {
        let folder = try TemporaryFolder()
        let inbox = ShareWriter(root: "\(folder.path)/inbox")
        let text = Self.waiting.replacing(change.0, with: change.1)
        #expect(text != Self.waiting)
        try inbox.write(SimulatedFile(path: [Self.waitingName], bytes: Array(text.utf8)))
        var receiving = receiver(.vx100, folder)
        let events = try receiving.look(at: SimulatedDocuments.usualStart)
        #expect(events.contains { if case .refused = $0 { true } else { false } })
        #expect(events.count == 1)
        #expect(try inbox.names() == [Self.waitingName])
        #expect(try receiving.look(at: SimulatedDocuments.usualStart).isEmpty)
    }

    @Test func `a listed patient with a folder is measured under the listed name`() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/share/D'ÉTÉ#Noémie",
            withIntermediateDirectories: true
        )
        let share = ShareWriter(root: "\(folder.path)/share")
        try share.write(
            SimulatedFile(
                path: ["Index.txt"],
                bytes: LegacyText.latin1("1\nD'ÉTÉ#Noémie*D'ÉTÉ%Noémie\n")
            )
        )
        var receiving = receiver(.l80, folder)
        let events = try receiving.look(at: SimulatedDocuments.usualStart)
        guard case .measured(_, _, let files) = try #require(events.first) else {
            Issue.record("\(events)")
            return
        }
        #expect(files.allSatisfy { $0.path[0] == "D'ÉTÉ#Noémie" })
        let reading = try #require(
            try DeviceFormats.decode(files[0].document).readings.first?.reading
        )
        #expect(reading.patient.familyName == "D'ÉTÉ")
        #expect(reading.patient.givenName == "Noémie")
        #expect(reading.patient.birthDate == nil)
        // The device adds its own patients at any time, and does not measure the others again.
        try receiving.register(SimulatedPatient(index: 0, seed: 1))
        let text = try share.read("Index.txt")
        #expect(text.starts(with: Array("2\n".utf8)))
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/share/MARTIN#Amelie",
            withIntermediateDirectories: true
        )
        let more = try receiving.look(at: SimulatedDocuments.usualStart)
        #expect(more.count == 1)
    }

    @Test(
        arguments: [
            "2\nA#B*A%B\n", "1\nA#B*A%B", "1\nA#B*B%A\n", "1\nA#B\n", "2\nC#D*C%D\nA#B*A%B\n",
            "2\nA#B*A%B\nA#B*A%B\n", "A#B*A%B\n", "1\nX#Y*X%Y\n",
        ]
    )
    func `an index that is not as the device writes it is refused`(text: String) throws {
        let folder = try TemporaryFolder()
        for name in ["A#B", "C#D"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/share/\(name)",
                withIntermediateDirectories: true
            )
        }
        try ShareWriter(root: "\(folder.path)/share").write(
            SimulatedFile(path: ["Index.txt"], bytes: Array(text.utf8))
        )
        var receiving = receiver(.l80, folder)
        let events = try receiving.look(at: SimulatedDocuments.usualStart)
        guard case .refused("Index.txt", _) = try #require(events.first) else {
            Issue.record("\(events)")
            return
        }
    }

    @Test func `what a phoropter loads comes back as an echo, under our number`() throws {
        let folder = try TemporaryFolder()
        let inbox = ShareWriter(root: "\(folder.path)/inbox")
        try inbox.write(
            SimulatedFile(path: ["CVImport.xml"], bytes: Array(Self.imported.utf8))
        )
        var receiving = receiver(.cv5000, folder)
        let events = try receiving.look(at: SimulatedDocuments.usualStart)
        guard case .measured(_, _, let files) = try #require(events.first) else {
            Issue.record("\(events)")
            return
        }
        let readings = try DeviceFormats.decode(files[0].document).readings.map(\.reading)
        #expect(readings.allSatisfy { $0.patient.number == "1000007" })
        #expect(!readings.contains { $0.patient.numberIsCounter })
        #expect(readings.contains { $0.label == "Prescription" && $0.role == .measured })
        let echo = try #require(readings.first { $0.label == "Current Spectacles" })
        #expect(echo.role == .echo)
        #expect(!readings.contains { $0.label == "Objective Data" })
        var wanted: Set<ExpectedValue> = []
        wanted.add(.right, .sphere, "-1.75") { $0.distance = .far }
        wanted.add(.right, .cylinder, "-0.50") { $0.distance = .far }
        wanted.add(.right, .axis, "175") { $0.distance = .far }
        wanted.add(.left, .sphere, "0.25") { $0.distance = .far }
        wanted.add(.left, .cylinder, "0.00") { $0.distance = .far }
        wanted.add(.both, .vertexDistance, "12.00") { $0.distance = .far }
        #expect(echo.writtenValues == wanted)
    }

    @Test(
        arguments: [
            ("nsCommon:ID>1000007", "nsCommon:ID>1000008"), ("1000007", ""),
            ("Current Spectacles", "Glasses"), ("-1.75", "-1.750"), ("-1.75", "-1,75"),
            ("-1.75", ""), ("-0.50", "+0.50"), (">175<", "><"), (">175<", ">0<"),
            ("type=\"SBJ\"", "type=\"LM\""), ("500.000", "40.000"), ("unit=\"deg\"", ""),
        ]
    )
    func `an import that differs in one place is refused`(change: (String, String)) throws {
        let text = Self.imported.replacing(change.0, with: change.1)
        #expect(text != Self.imported)
        #expect(throws: Refusal.self) { try PhoropterImportFile(bytes: Array(text.utf8)) }
    }

    private func receiver(_ device: SimulatedDevice, _ folder: TemporaryFolder) -> ReceivingDevice {
        ReceivingDevice(
            device: device,
            inbox: "\(folder.path)/inbox",
            share: "\(folder.path)/share"
        )
    }

    private static let waitingName = "1000007_DETE_Noemie_1985-03-14.xml"
    private static let waiting = """
        <?xml version="1.0" encoding="UTF-8"?>
        <optic>
        \t<optometry>
        \t\t<patient>
        \t\t\t<ID>1000007</ID>
        \t\t\t<first_name>Noémie</first_name>
        \t\t\t<last_name>D&apos;ÉTÉ &amp; FILS</last_name>
        \t\t\t<gender>f</gender>
        \t\t\t<birthday>1985-03-14</birthday>
        \t\t\t<address><street/><street2/><zip/><city/></address>
        \t\t\t<contact><phone/><mobile_phone/><fax/><email/></contact>
        \t\t</patient>
        \t</optometry>
        </optic>

        """

    private static let imported = """
        <?xml version="1.0" encoding="UTF-8" standalone="no"?>
        <Ophthalmology \
        xmlns:nsCommon="http://www.joia.or.jp/standardized/namespaces/Common" \
        xmlns:nsSBJ="http://www.joia.or.jp/standardized/namespaces/SBJ">
        <nsCommon:Common><nsCommon:Patient>
        <nsCommon:No.>1000007</nsCommon:No.><nsCommon:ID>1000007</nsCommon:ID>
        <nsCommon:FirstName>Noémie</nsCommon:FirstName>
        <nsCommon:LastName>D&apos;ÉTÉ</nsCommon:LastName>
        <nsCommon:DOB>1985-03-14</nsCommon:DOB>
        </nsCommon:Patient></nsCommon:Common>
        <nsSBJ:Measure type="SBJ"><nsSBJ:RefractionTest><nsSBJ:Type No="5">
        <nsSBJ:TypeName>Current Spectacles</nsSBJ:TypeName>
        <nsSBJ:ExamDistance No="1"><nsSBJ:Distance unit="cm">500.000</nsSBJ:Distance>
        <nsSBJ:RefractionData>
        <nsSBJ:R><nsSBJ:Sph unit="D">-1.75</nsSBJ:Sph><nsSBJ:Cyl unit="D">-0.50</nsSBJ:Cyl>
        <nsSBJ:Axis unit="deg">175</nsSBJ:Axis></nsSBJ:R>
        <nsSBJ:L><nsSBJ:Sph unit="D">0.25</nsSBJ:Sph><nsSBJ:Cyl unit="D"/>
        <nsSBJ:Axis unit="deg"/></nsSBJ:L>
        </nsSBJ:RefractionData></nsSBJ:ExamDistance>
        </nsSBJ:Type></nsSBJ:RefractionTest></nsSBJ:Measure>
        </Ophthalmology>

        """
}
