import DeviceFormats
import Foundation
import Shared
import Testing

@testable import Simulator

/// What the product writes for a device is taken by a device that does not know the product, and
/// comes back as that patient's.
@Suite struct DeliveryRoundTripTests {
    @Test func `every patient of a waiting list comes back with our number`() throws {
        let folder = try TemporaryFolder()
        let inbox = ShareWriter(root: "\(folder.path)/inbox")
        var device = ReceivingDevice(
            device: .vx120Export,
            inbox: "\(folder.path)/inbox",
            share: "\(folder.path)/share"
        )
        for (place, outgoing) in patients.enumerated() {
            let file = try VisionixWaitingList.file(for: outgoing)
            try inbox.write(SimulatedFile(path: [file.name], bytes: file.bytes))
            let now = LocalTime(
                millisecondsAsUTC: SimulatedDocuments.usualStart.millisecondsAsUTC
                    + Int64(place) * 60_000
            )
            let events = try device.look(at: now)
            guard case .measured(_, _, let files) = try #require(events.first) else {
                Issue.record("\(events)")
                continue
            }
            let readings = try DeviceFormats.decode(files[0].document).readings.map(\.reading)
            #expect(readings.count > 1)
            for reading in readings {
                #expect(reading.patient.number == outgoing.number)
                #expect(!reading.patient.numberIsCounter)
                #expect(reading.patient.familyName == outgoing.familyName)
                #expect(reading.patient.givenName == outgoing.givenName)
                #expect(reading.patient.birthDate == outgoing.birthDate)
            }
        }
    }

    @Test func `every patient of an index is measured under their name, and none is lost`()
        throws
    {
        let folder = try TemporaryFolder()
        let share = ShareWriter(root: folder.path)
        var device = ReceivingDevice(device: .l80, inbox: folder.path, share: folder.path)
        try share.write(SimulatedFile(path: ["Index.txt"], bytes: Array("0\n".utf8)))
        var refused = 0
        for (place, outgoing) in patients.enumerated() {
            guard let entry = try? VisionixIndexEntry(outgoing) else {
                refused += 1
                continue
            }
            try makeFolder("\(folder.path)/\(entry.folder)")
            var index = try VisionixIndex(share.read("Index.txt"), isQuiet: false)
            index.add(entry)
            try share.write(SimulatedFile(path: ["Index.txt"], bytes: index.bytes))
            let events = try device.look(at: SimulatedDocuments.usualStart)
            guard case .measured(_, _, let files) = try #require(events.first) else {
                Issue.record("\(events)")
                continue
            }
            #expect(events.count == 1)
            let reading = try #require(
                try DeviceFormats.decode(files[0].document).readings.first?.reading
            )
            // The place alone says who it is: a letter that Latin-1 lacks has lost its mark.
            #expect(files[0].path[0] == entry.folder)
            if !entry.isAltered { #expect(reading.patient.familyName == outgoing.familyName) }
            guard place.isMultiple(of: 5) else { continue }
            // In between the device writes a patient of its own.
            try register(SimulatedPatient(index: 900 + place, seed: 2), device, folder)
        }
        #expect(refused > 0 && refused < patients.count / 5)
        let listed = try ClientIndex.patients(in: share.read("Index.txt"))
        #expect(try listed.count == patients.count - refused + ownPatients(in: folder))
    }

    @Test func `an index that a device is in the middle of writing is left alone`() throws {
        let folder = try TemporaryFolder()
        let share = ShareWriter(root: folder.path)
        let device = ReceivingDevice(device: .l80, inbox: folder.path, share: folder.path)
        for number in 0..<20 { try device.register(SimulatedPatient(index: number, seed: 3)) }
        try device.register(SimulatedPatient(index: 20, seed: 3)) {
            let half = (try? share.read("Index.txt")) ?? []
            #expect(throws: WritingRefusal.indexIncomplete) {
                try VisionixIndex(half, isQuiet: false)
            }
        }
        let whole = try VisionixIndex(share.read("Index.txt"), isQuiet: false)
        #expect(whole.lines.count == 21)
    }

    @Test func `what a phoropter was given comes back as an echo, and as nothing else`() throws {
        let folder = try TemporaryFolder()
        let inbox = ShareWriter(root: "\(folder.path)/inbox")
        var device = ReceivingDevice(
            device: .cv5000,
            inbox: "\(folder.path)/inbox",
            share: "\(folder.path)/share"
        )
        for (place, outgoing) in patients.enumerated() {
            let glasses = LensmeterExam.Lens(
                power: ObjectiveLens(sphere: -25 * place, cylinder: -50, axis: 1 + place),
                addition: 175,
                horizontal: 0,
                vertical: 0
            )
            let file = try PhoropterImport.file(
                for: outgoing,
                [refraction(.spectacles, glasses), refraction(.objective, glasses)],
                at: SimulatedDocuments.usualStart
            )
            try inbox.write(SimulatedFile(path: [file.name], bytes: file.bytes))
            let events = try device.look(at: SimulatedDocuments.usualStart)
            guard case .measured(_, _, let files) = try #require(events.first) else {
                Issue.record("\(events)")
                continue
            }
            let readings = try DeviceFormats.decode(files[0].document).readings.map(\.reading)
            #expect(readings.allSatisfy { $0.patient.number == outgoing.number })
            let echo = try #require(readings.first { $0.label == "Current Spectacles" })
            #expect(echo.role == .echo)
            var wanted: Set<ExpectedValue> = []
            wanted.add(glasses.power, .right) { $0.distance = .far }
            wanted.add(ObjectiveLens(glasses.power, sphere: 175 - 25 * place), .right) {
                $0.distance = .near
            }
            for distance in [TestDistance.far, .near] {
                wanted.add(.both, .vertexDistance, "12.00") { $0.distance = distance }
            }
            #expect(echo.writtenValues == wanted)
        }
    }

    /// Sixty people of the register, with every kind of name.
    private var patients: [OutgoingPatient] {
        (0..<60).map { place in
            let patient = SimulatedPatient(index: place * 57, seed: 5)
            return OutgoingPatient(
                number: String(1_000_000 + place),
                familyName: patient.familyName,
                givenName: patient.givenName,
                birthDate: patient.birthDate,
                sex: patient.sex == .male ? .male : .female
            )
        }
    }

    private func refraction(
        _ source: PhoropterImport.Source,
        _ lens: LensmeterExam.Lens
    ) -> PhoropterImport.Refraction {
        PhoropterImport.Refraction(
            source: source,
            right: PhoropterImport.Powers(
                sphere: ExactDecimal(unscaled: Int64(lens.power.sphere), decimals: 2),
                cylinder: ExactDecimal(unscaled: Int64(lens.power.cylinder), decimals: 2),
                axis: lens.power.axis,
                addition: lens.addition.map { ExactDecimal(unscaled: Int64($0), decimals: 2) }
            ),
            left: nil
        )
    }

    private func register(
        _ patient: SimulatedPatient,
        _ device: ReceivingDevice,
        _ folder: TemporaryFolder
    ) throws {
        let name = "\(Names.ascii(patient.familyName))#\(Names.ascii(patient.givenName))"
        try makeFolder("\(folder.path)/\(name)/20 Nov 2026#07-00-00")
        try device.register(patient)
    }

    private func ownPatients(in folder: TemporaryFolder) throws -> Int {
        let files = FileManager.default
        return try files.contentsOfDirectory(atPath: folder.path).count { name in
            files.fileExists(atPath: "\(folder.path)/\(name)/20 Nov 2026#07-00-00")
        }
    }

    private func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
}
