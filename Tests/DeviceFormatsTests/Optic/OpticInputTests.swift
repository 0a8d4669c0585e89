import Shared
import Testing

@testable import DeviceFormats

@Suite struct OpticInputTests {
    @Test func `a waiting list has a patient, no reading and no error`() throws {
        let patient =
            "<patient><ID>1002517</ID><first_name>Lena</first_name><last_name>PROBE</last_name>"
            + "<gender>f</gender><birthday>1991-07-02</birthday></patient>"
        let document = document("<optic><optometry>\(patient)</optometry></optic>")
        let decoded = try DeviceFormats.decode(document)
        #expect(decoded.format == "optic")
        #expect(decoded.readings.isEmpty)
        #expect(DeviceFormats.completeness(of: document) == .complete)
    }

    @Test func `what we write to a waiting list comes back as no measurement`() throws {
        let file = try VisionixWaitingList.file(for: .sample)
        let document = DeviceDocument(bytes: file.bytes, name: file.name)
        #expect(try DeviceFormats.decode(document).readings.isEmpty)
    }

    @Test func `our number comes back with the measurement that a device adds`() throws {
        let file = try VisionixWaitingList.file(for: .sample)
        let measured = String(decoding: file.bytes, as: UTF8.self).replacing(
            "</patient>",
            with: "</patient><LSM_mesurement><ID>00731</ID><measure_REF><ref_left><sphere>-1.00"
                + "</sphere></ref_left></measure_REF></LSM_mesurement>"
        )
        let reading = try DeviceFormats.decode(document(measured)).readings.first?.reading
        #expect(reading?.patient.number == "1000004")
        #expect(reading?.patient.numberIsCounter == false)
        #expect(reading?.patient.familyName == "PROBE VAN DER BERG")
        #expect(reading?.patient.birthDate == CalendarDate("1987-05-02"))
    }

    @Test func `a skeleton without values gives no reading`() throws {
        let skeleton = """
            <optic><optometry><company>Visionix</company><patient><ID/></patient>
            <objective_mesurement><ID>00731</ID><measure_WF><VD unit="mm">12</VD><wf_right>
            <Photopic><sphere></sphere><cylinder/><axis/></Photopic></wf_right></measure_WF>
            <measure_TOPO><topo_right><refractive_index>1.3375</refractive_index><sim_k><K1><radius
             unit="mm"></radius></K1></sim_k></topo_right></measure_TOPO><ACA><ACA_right/></ACA>
            <TONO><tono_right><average/></tono_right></TONO></objective_mesurement>
            <subjective_mesurement><measure_VA><unit>Decimal</unit></measure_VA>
            </subjective_mesurement><LSM_mesurement><measure_REF><ref_right/></measure_REF>
            </LSM_mesurement></optometry></optic>
            """
        #expect(try DeviceFormats.decode(document(skeleton)).readings.isEmpty)
    }

    @Test(
        arguments: [
            ("<optic></optic>", DocumentFailure.Code.unsupported),
            ("<optic><optometry/></optic>", .unsupported),
            (
                "<optic><optometry><patient/><oct_mesurement>1</oct_mesurement></optometry></optic>",
                .unsupported
            ),
            ("<optic><optometry/><optometry/></optic>", .malformed),
            (
                "<optic><optometry><LSM_mesurement/><LSM_measurement/></optometry></optic>",
                .malformed
            ),
            ("<!DOCTYPE optic><optic/>", .externalEntity),
            (
                "<?xml version='1.0'?><!DOCTYPE o [<!ENTITY a \"1\">]><optic>&a;</optic>",
                .externalEntity
            ),
            ("<optic>&nbsp;</optic>", .malformed), ("<optic><optometry></optic><a/>", .malformed),
            ("<optic>" + String(repeating: "<a>", count: 80) + "</optic>", .tooDeep),
            ("<optic>" + String(repeating: "<a/>", count: 60_000) + "</optic>", .tooLarge),
            ("<optics/>", .unsupported), ("<optic><optometry>", .truncated),
        ]
    )
    func `a document that is no exam is refused whole`(text: String, code: DocumentFailure.Code) {
        #expect(failure(of: document(text))?.code == code)
    }

    @Test func `an eye that stands twice is never chosen from`() {
        let side = "<ref_right><sphere>-1.00</sphere></ref_right>"
        #expect(failure(of: lens(side + side))?.code == .malformed)
        let value = "<ref_right><sphere>-1.00</sphere><sphere>-2.00</sphere></ref_right>"
        #expect(failure(of: lens(value))?.code == .malformed)
    }

    @Test(
        arguments: [
            ("<sphere>-1,50</sphere>", "right sphere -1.50 [diop] raw:-1,50", "commaDecimal"),
            ("<sphere>-1,000.5</sphere>", "", "numberMalformed right sphere"),
            ("<sphere>-1000</sphere>", "", ""), ("<sphere>1.#QNAN0</sphere>", "", ""),
            ("<sphere>31</sphere>", "right sphere 31 [diop]", "valueOutOfRange right sphere"),
            (
                "<sphere>-1</sphere><cylinder>-0.5</cylinder><axis>181</axis>",
                "right sphere -1 [diop]|right cylinder -0.5 [diop]|right axis 181 deg",
                "valueOutOfRange right axis"
            ),
            (
                "<sphere>-1</sphere><cylinder>-0.5</cylinder><axis>0</axis>",
                "right sphere -1 [diop]|right cylinder -0.5 [diop]|right axis 180 deg raw:0", ""
            ),
            (
                "<sphere>-1.00</sphere><cylinder>+0.50</cylinder><axis>10</axis>",
                "right sphere -0.50 [diop] raw:-1.00|right cylinder -0.50 [diop] raw:+0.50"
                    + "|right axis 100 deg raw:10",
                "transposed right"
            ),
            (
                "<half_far_pupil_distance>6.25</half_far_pupil_distance>",
                "right pupillaryDistance 6.25 mm far",
                "valueOutOfRange right pupillaryDistance"
            ),
        ]
    )
    func `a value that cannot be is told`(content: String, lines: String, problem: String) throws {
        let document = lens("<ref_right>\(content)</ref_right>")
        let readings = try DeviceFormats.decode(document).readings.map(\.reading)
        #expect(readings.flatMap(\.values).map(\.line).joined(separator: "|") == lines)
        #expect(readings.flatMap(\.problems).map(\.line).joined(separator: "|") == problem)
    }

    @Test(
        arguments: [
            ("<central>538</central>", "538", ""), ("<central>0.538</central>", "538", ""),
            ("<central unit=\"mm\">0.538</central>", "538", ""),
            ("<central unit=\"mu\">538</central>", "538", ""),
            ("<central unit=\"inch\">0.02</central>", "", "unitUnknown"),
            ("<central>54</central>", "54", "valueOutOfRange"), ("<central>0</central>", "", ""),
        ]
    )
    func `a thickness is micrometres or millimetres by its size`(
        content: String,
        value: String,
        problem: String
    ) throws {
        let found = try objective("<ACA><ACA_left><pachy>\(content)</pachy></ACA_left></ACA>")
        #expect(found.flatMap(\.values).compactMap(\.value?.text).joined() == value)
        #expect(found.flatMap(\.problems).map(\.code.rawValue).joined() == problem)
    }

    @Test func `a mean outside its own shots is told`() throws {
        let found = try objective(
            "<TONO><tono_left><average>15.7</average><PIO><mesure1>14</mesure1><mesure2>15</mesure2>"
                + "</PIO></tono_left></TONO>"
        )
        #expect(
            found.flatMap(\.problems) == [
                ReadingProblem(
                    .valueUnusual,
                    eye: .left,
                    quantity: .intraocularPressure,
                    detail: "15.7"
                )
            ]
        )
    }

    @Test(arguments: [("Decimal", "1.0"), ("", "1.0"), ("Snellen", ""), ("logMAR", "")])
    func `an acuity in another unit is not read`(unit: String, value: String) throws {
        let text =
            "<optic><optometry><subjective_mesurement><measure_VA><unit>\(unit)</unit><REF><VA_right>"
            + "<far_vision>1.0</far_vision></VA_right></REF></measure_VA></subjective_mesurement>"
            + "</optometry></optic>"
        let readings = try DeviceFormats.decode(document(text)).readings.map(\.reading)
        #expect(readings.flatMap(\.values).compactMap(\.value?.text).joined() == value)
        #expect(readings.contains(where: \.isRejected) == value.isEmpty)
    }

    @Test(
        arguments: [
            ("1002517", "", false), ("00731", "", true), ("0731", "", true), ("731", "", true),
            ("0731", "PROBE", false), ("A-17", "", false),
        ]
    )
    func `a number without a name that the device may have made up is a counter`(
        number: String,
        name: String,
        isCounter: Bool
    ) throws {
        let text =
            "<optic><optometry><patient><ID>\(number)</ID><last_name>\(name)</last_name></patient>"
            + "<LSM_mesurement><ID>00731</ID><measure_REF><ref_right><sphere>-1</sphere></ref_right>"
            + "</measure_REF></LSM_mesurement></optometry></optic>"
        let reading = try #require(try DeviceFormats.decode(document(text)).readings.first?.reading)
        #expect(reading.patient.number == number)
        #expect(reading.patient.numberIsCounter == isCounter)
    }

    @Test func `a declared encoding is believed, and bytes of none are refused`() {
        let head = Array("<?xml version='1.0' encoding='UTF-8'?><optic><a>".utf8)
        let tail = Array("</a></optic>".utf8)
        let declared = DeviceDocument(bytes: head + [0xE9] + tail, name: "a.xml")
        #expect(failure(of: declared) != nil)
        let bare = DeviceDocument(bytes: Array("<optic><a>".utf8) + [0x81] + tail, name: "a.xml")
        #expect(failure(of: bare)?.code == .encoding)
    }

    @Test(arguments: ["09/Mar/2027", "09/03/2027", "2027-03-09"])
    func `a date in the future is the device's, not an error`(date: String) throws {
        let text =
            "<optic><optometry><date>\(date)</date><time>07:00:00</time><LSM_mesurement><measure_REF>"
            + "<ref_left><sphere>1</sphere></ref_left></measure_REF></LSM_mesurement></optometry>"
            + "</optic>"
        let reading = try DeviceFormats.decode(document(text)).readings.first?.reading
        #expect(reading?.measuredAt?.description == "2027-03-09T07:00:00")
    }

    private func lens(_ content: String) -> DeviceDocument {
        document(
            "<optic><optometry><LSM_mesurement><measure_REF>\(content)</measure_REF></LSM_mesurement>"
                + "</optometry></optic>"
        )
    }

    private func objective(_ content: String) throws -> [Reading] {
        let text =
            "<optic><optometry><objective_mesurement>\(content)</objective_mesurement></optometry>"
            + "</optic>"
        return try DeviceFormats.decode(document(text)).readings.map(\.reading)
    }

    private func document(_ text: String) -> DeviceDocument {
        DeviceDocument(bytes: Array(text.utf8), name: "export.xml")
    }
}
