import Foundation
import Shared
import Testing

@testable import DeviceFormats

/// The project's own device files; every patient and value in them is invented.
enum Fixture {
    static let phoropter = "8052_20270309_164205731_TOPCON_CV-5000_10117.xml"
    static let comma = "M-Serial0031_20270309_170100020_TOPCON_CV-5000_10117.xml"
    static let refractometer = "2290_20270310_081500_TOPCON_KR-800S_3310007.xml"
    static let exams = ["RightWF", "LeftWF", "RightTopo", "LeftARK"].map { "\($0)_Meas_2.txt" }

    /// Every fixture as folder and name.
    static let all =
        [phoropter, comma, refractometer].map { ("JOIA", $0) }
        + ["ascii", "utf16"].flatMap { folder in exams.map { ("Visionix/\(folder)", $0) } }

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
            zone.map { "zone\($0)" }, meridian?.rawValue, statistic?.rawValue,
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
