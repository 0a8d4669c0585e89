import Foundation
import Shared
import Testing

@testable import DeviceFormats

/// The project's own device files; every patient and value in them is invented.
enum Fixture {
    static let phoropter = "8052_20270309_164205731_TOPCON_CV-5000_10117.xml"
    static let comma = "M-Serial0031_20270309_170100020_TOPCON_CV-5000_10117.xml"
    static let refractometer = "2290_20270310_081500_TOPCON_KR-800S_3310007.xml"
    static let lensmeter = "M-Serial0093_20270311_101500120_TOPCON_CL-300_00.xml"
    static let tonometer = "M-Serial0118_20270311_114203_TOPCON_CT-1P_2630077.xml"
    static let combined = "M-Serial0604_20270312_090210_TOPCON_KR-800S_3310007.xml"
    static let optic = "1002517_vx120.xml"
    static let glasses = "vx40_cp1252.xml"
    static let joia = [phoropter, comma, refractometer, lensmeter, tonometer, combined]
    static let results = [
        "tonometry_latin1.gdt", "refraction_cp437.gdt", "refraction_structured.gdt",
    ]
    static let exams = ["RightWF", "LeftWF", "RightTopo", "LeftARK"].map { "\($0)_Meas_2.txt" }

    /// Every fixture that gives readings, as folder and name.
    static let all =
        joia.map { ("JOIA", $0) } + [optic, glasses].map { ("Optic", $0) }
        + (results.map { ("GDT", $0) } + SerialFixture.readable.map { ("Serial", $0) })
        + ["ascii", "utf16"].flatMap { folder in exams.map { ("Visionix/\(folder)", $0) } }

    /// Those, and one of each format that never gives any.
    static let mutated = all + [("Serial", SerialFixture.link)]

    static func document(_ folder: String, _ name: String) throws -> DeviceDocument {
        let root = try #require(Bundle.module.resourceURL)
        let data = try Data(contentsOf: root.appending(path: "Fixtures/\(folder)/\(name)"))
        return DeviceDocument(bytes: Array(data), name: name, folders: ["PROBE#Lena", "visit"])
    }

    static func readings(_ folder: String, _ name: String) throws -> [Reading] {
        try DeviceFormats.decode(try document(folder, name)).readings.map(\.reading)
    }
}

extension ReadingValue {
    /// The value with its qualifiers on one line, without its path.
    var line: String {
        let parts: [String?] = [
            eye.rawValue, quantity.rawValue, value?.text ?? text, unit.rawValue,
            distance.map { "\($0.rawValue)" }, distanceCm.map { "\($0)cm" },
            zone.map { "zone\($0)" }, meridian?.rawValue, lighting?.rawValue,
            corrected.map { _ in "corrected" }, statistic?.rawValue,
            shot.map { "shot\($0)" }, base?.rawValue, derived.map { _ in "derived" },
            raw.map { "raw:\($0)" },
        ]
        return parts.compactMap(\.self).joined(separator: " ")
    }
}

extension ReadingProblem {
    /// Code, eye and quantity on one line.
    var line: String {
        [code.rawValue, eye?.rawValue, quantity?.rawValue].compactMap(\.self)
            .joined(separator: " ")
    }
}

/// The failure that a document ends in; nil where it is decoded.
func failure(of document: DeviceDocument) -> DocumentFailure? {
    do throws(DocumentFailure) {
        _ = try DeviceFormats.decode(document)
        return nil
    } catch {
        return error
    }
}
