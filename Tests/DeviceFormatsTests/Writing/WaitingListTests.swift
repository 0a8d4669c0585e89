import Shared
import Testing

@testable import DeviceFormats

@Suite struct `The waiting list` {
    @Test func `is written element by element as the devices take it`() throws {
        let file = try VisionixWaitingList.file(for: .sample)
        #expect(file.name == "1000004_PROBE-VAN-DER-BERG_Lena_1987-05-02.xml")
        let lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<optic>", "\t<optometry>",
            "\t\t<patient>", "\t\t\t<ID>1000004</ID>", "\t\t\t<first_name>Lena</first_name>",
            "\t\t\t<last_name>PROBE VAN DER BERG</last_name>", "\t\t\t<gender>f</gender>",
            "\t\t\t<birthday>1987-05-02</birthday>", "\t\t\t<address>",
            "\t\t\t\t<street></street>", "\t\t\t\t<street2></street2>", "\t\t\t\t<zip></zip>",
            "\t\t\t\t<city></city>", "\t\t\t</address>", "\t\t\t<contact>",
            "\t\t\t\t<phone></phone>", "\t\t\t\t<mobile_phone></mobile_phone>",
            "\t\t\t\t<fax></fax>", "\t\t\t\t<email></email>", "\t\t\t</contact>",
            "\t\t</patient>", "\t</optometry>", "</optic>", "",
        ]
        #expect(String(decoding: file.bytes, as: UTF8.self) == lines.joined(separator: "\n"))
    }

    @Test func `escapes what XML gives a meaning, and leaves accents as they are`() throws {
        var patient = OutgoingPatient.sample
        patient.familyName = "d’Örfel & <Sohn>"
        patient.givenName = "Zoë \"Z\""
        patient.sex = nil
        let file = try VisionixWaitingList.file(for: patient)
        let text = String(decoding: file.bytes, as: UTF8.self)
        #expect(text.contains("<last_name>d’Örfel &amp; &lt;Sohn&gt;</last_name>"))
        #expect(text.contains("<first_name>Zoë &quot;Z&quot;</first_name>"))
        #expect(text.contains("<gender></gender>"))
        #expect(file.name == "1000004_d-Orfel-Sohn_Zoe-Z_1987-05-02.xml")
    }

    @Test func `a man is m`() throws {
        var patient = OutgoingPatient.sample
        patient.sex = .male
        let text = String(
            decoding: try VisionixWaitingList.file(for: patient).bytes,
            as: UTF8.self
        )
        #expect(text.contains("<gender>m</gender>"))
    }

    @Test func `without a birth date known to the day nothing is written`() {
        var patient = OutgoingPatient.sample
        patient.birthDate = nil
        #expect(throws: WritingRefusal.birthDateUnknown) {
            try VisionixWaitingList.file(for: patient)
        }
    }

    @Test(arguments: ["", "  ", "\u{0}", "a\u{202E}b", "a\nb", "x\u{FFFE}"])
    func `a name that is empty or holds a control is refused`(name: String) {
        var patient = OutgoingPatient.sample
        patient.familyName = name
        #expect(throws: WritingRefusal.self) { try VisionixWaitingList.file(for: patient) }
    }

    @Test(arguments: ["", "12/34", "../1", "1 2", "12345678901234567"])
    func `a number of another form is refused`(number: String) {
        var patient = OutgoingPatient.sample
        patient.number = number
        #expect(throws: WritingRefusal.numberUnwritable) {
            try VisionixWaitingList.file(for: patient)
        }
    }

    @Test func `a name without any Latin letter leaves a file name that is one`() throws {
        var patient = OutgoingPatient.sample
        patient.familyName = "Ω/../Ψ"
        #expect(
            try VisionixWaitingList.file(for: patient).name == "1000004_x_Lena_1987-05-02.xml"
        )
    }
}

extension OutgoingPatient {
    static var sample: OutgoingPatient {
        OutgoingPatient(
            number: "1000004",
            familyName: "PROBE VAN DER BERG",
            givenName: "Lena",
            birthDate: CalendarDate("1987-05-02"),
            sex: .female
        )
    }

    static func named(_ family: String, _ given: String) -> OutgoingPatient {
        var patient = sample
        patient.familyName = family
        patient.givenName = given
        return patient
    }
}
