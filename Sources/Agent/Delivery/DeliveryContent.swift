import DeviceFormats
import Foundation
import Shared
import Sync

/// What a command puts into a device's folder.
enum DeliveryContent: Sendable {
    case file(OutgoingFile)
    case index(VisionixIndexEntry)

    /// Writes the command for `target`.
    ///
    /// Errors: `WritingRefusal`.
    init(_ command: Command, for target: SendTarget) throws(WritingRefusal) {
        let patient = OutgoingPatient(command.patient)
        switch command.kind {
        case .visionixWaitingList: self = .file(try VisionixWaitingList.file(for: patient))
        case .visionixIndex: self = .index(try VisionixIndexEntry(patient))
        case .phoropterImport:
            self = .file(
                try PhoropterImport.file(
                    for: patient,
                    command.refractions.map(PhoropterImport.Refraction.init),
                    // Every attempt writes the same bytes.
                    at: command.issuedAt.local(in: target.timeZone)
                )
            )
        }
    }

    /// The digest of a file, which is then known for ours wherever it is found.
    var digest: Digest256? {
        switch self {
        case .file(let file): Digest256(of: file.bytes)
        case .index: nil
        }
    }
}

extension OutgoingPatient {
    fileprivate init(_ patient: Command.Patient) {
        let sex: Sex? =
            switch patient.sex {
            case "f": .female
            case "m": .male
            default: nil
            }
        self.init(
            number: patient.number,
            familyName: patient.familyName,
            givenName: patient.givenName,
            birthDate: patient.birthDate,
            sex: sex
        )
    }
}

extension PhoropterImport.Refraction {
    fileprivate init(_ refraction: Command.Refraction) {
        let source: PhoropterImport.Source =
            switch refraction.source {
            case .objective: .objective
            case .spectacles: .spectacles
            case .lastPrescription: .lastPrescription
            }
        self.init(
            source: source,
            right: refraction.right.map(PhoropterImport.Powers.init),
            left: refraction.left.map(PhoropterImport.Powers.init),
            vertexDistance: refraction.vertexDistance,
            pupillaryDistance: refraction.pupillaryDistance
        )
    }
}

extension PhoropterImport.Powers {
    fileprivate init(_ powers: Command.Refraction.Powers) {
        self.init(
            sphere: powers.sphere,
            cylinder: powers.cylinder,
            axis: powers.axis,
            addition: powers.addition
        )
    }
}

extension Instant {
    /// The time that a clock of the zone shows; of UTC where there is no such zone.
    fileprivate func local(in zone: String) -> LocalTime {
        let seconds = Double(milliseconds) / 1000
        let zone = TimeZone(identifier: zone) ?? .gmt
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds))
        return LocalTime(millisecondsAsUTC: milliseconds + Int64(offset) * 1000)
    }
}
