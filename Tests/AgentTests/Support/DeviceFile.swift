import Shared

/// A file as a device writes it; every person in it is invented.
struct DeviceFile: Sendable {
    var path: String
    var bytes: [UInt8]

    enum Side: String {
        case left = "Left"
        case right = "Right"
    }

    /// A wavefront exam of one eye in the Visionix tree.
    static func wavefront(
        _ side: Side,
        family: String = "TESTCASE",
        given: String = "Amina",
        sphere: String? = nil,
        visit: String = "20 Nov 2026#10-03-27",
        number: Int = 1
    ) -> DeviceFile {
        let sphere = sphere ?? (side == .right ? "-1.93" : "-2.18")
        let lines = [
            "[PATIENT]", "Surname=\(family)", "Firstname=\(given)", "CurrentDate=20 Nov 2026",
            "CurrentTime=10:03:27", "BirthDate=14/03/1985", "Sex=F", "[GENERAL]", "Pd=62.5",
            "[SPHERE]", "R_3=-1.89", "R_5=\(sphere)", "R_7=-1000", "[CYLINDER]", "R_3=-0.95",
            "R_5=-0.98", "R_7=-1000", "[AXIS]", "R_3=0.15708", "R_5=0.15708", "R_7=-1000", "",
        ]
        return DeviceFile(
            path: "\(family)#\(given)/\(visit)/WF/\(side.rawValue)WF_Meas_\(number).txt",
            bytes: Array(lines.joined(separator: "\r\n").utf8)
        )
    }

    /// A phoropter's final prescription.
    static func prescription(number: String = "4711", sphere: String = "-2.25") -> DeviceFile {
        let base = "http://www.joia.or.jp/standardized/namespaces"
        let text = """
            <?xml version="1.0" encoding="UTF-8" standalone="no"?>
            <Ophthalmology xmlns:nsCommon="\(base)/Common" xmlns:nsSBJ="\(base)/SBJ">
            <nsCommon:Common><nsCommon:Company>TOPCON</nsCommon:Company>
            <nsCommon:ModelName>CV-5000</nsCommon:ModelName>
            <nsCommon:Date>2026-11-20</nsCommon:Date><nsCommon:Time>10:14:37.218</nsCommon:Time>
            <nsCommon:Patient><nsCommon:No.>\(number)</nsCommon:No.><nsCommon:ID>\(number)</nsCommon:ID>
            </nsCommon:Patient></nsCommon:Common>
            <nsSBJ:Measure type="SBJ"><nsSBJ:RefractionTest><nsSBJ:Type No="1">
            <nsSBJ:TypeName>Prescription</nsSBJ:TypeName><nsSBJ:ExamDistance No="1">
            <nsSBJ:Distance unit="cm">500.000</nsSBJ:Distance><nsSBJ:RefractionData>
            <nsSBJ:R><nsSBJ:Sph unit="D">\(sphere)</nsSBJ:Sph><nsSBJ:Cyl unit="D">-0.75</nsSBJ:Cyl>
            <nsSBJ:Axis unit="deg">172</nsSBJ:Axis></nsSBJ:R></nsSBJ:RefractionData>
            </nsSBJ:ExamDistance></nsSBJ:Type></nsSBJ:RefractionTest></nsSBJ:Measure>
            </Ophthalmology>

            """
        return DeviceFile(
            path: "\(number)_20261120_101437218_TOPCON_CV-5000_19216811020.xml",
            bytes: Array(text.utf8)
        )
    }
}
