import DeviceFormats
import Shared
import Testing

@testable import Simulator

/// One thing wrong at a time, in files of every device that has a place for it.
@Suite struct FaultTests {
    @Test(arguments: SimulatedDevice.allCases)
    func `a file that lost its end is an error, or gives only values of the whole`(
        device: SimulatedDevice
    ) throws {
        try eachFile(.truncated, device) { broken, whole in
            guard let cut = try? DeviceFormats.decode(broken.document) else { return }
            let all = try DeviceFormats.decode(whole.document).readings.map(\.reading)
            for reading in cut.readings.map(\.reading) {
                let same = all.filter { $0.label == reading.label && $0.kind == reading.kind }
                let values = same.reduce(into: Set()) { $0.formUnion($1.writtenValues) }
                #expect(reading.writtenValues.isSubset(of: values))
            }
        }
    }

    @Test(arguments: SimulatedDevice.allCases)
    func `a byte order mark changes nothing`(device: SimulatedDevice) throws {
        try eachFile(.byteOrderMark, device) { broken, whole in
            let read = try DeviceFormats.decode(broken.document).readings.map(\.reading)
            let wanted = try DeviceFormats.decode(whole.document).readings.map(\.reading)
            #expect(read.map(\.writtenValues) == wanted.map(\.writtenValues))
        }
    }

    @Test(arguments: SimulatedDevice.allCases)
    func `an entity that nobody declared is refused`(device: SimulatedDevice) throws {
        try eachFile(.entity, device) { broken, _ in
            #expect(throws: DocumentFailure.self) { try DeviceFormats.decode(broken.document) }
        }
    }

    @Test(
        arguments: SimulatedDevice.allCases,
        [
            (SimulatedFault.bothMarks, ProblemCode.numberMalformed),
            (.axisBeyond, .valueOutOfRange), (.smallPupils, .valueOutOfRange),
        ]
    )
    func `a number that cannot be true is kept from use`(
        device: SimulatedDevice,
        fault: (SimulatedFault, ProblemCode)
    ) throws {
        try eachFile(fault.0, device) { broken, _ in
            let readings = try DeviceFormats.decode(broken.document).readings.map(\.reading)
            #expect(
                readings.contains { reading in
                    reading.isRejected && reading.problems.contains { $0.code == fault.1 }
                },
                "\(fault.0) \(readings.map(\.problems))"
            )
        }
    }

    @Test(arguments: SimulatedDevice.allCases)
    func `a cylinder at 0° is one at 180°`(device: SimulatedDevice) throws {
        try eachFile(.axisZero, device) { broken, _ in
            let readings = try DeviceFormats.decode(broken.document).readings.map(\.reading)
            #expect(
                readings.flatMap(\.values).contains {
                    $0.quantity == .axis && $0.value == 180 && $0.raw == "0"
                }
            )
            #expect(!readings.contains { $0.isRejected })
        }
    }

    @Test(arguments: SimulatedDevice.allCases)
    func `a plus cylinder is transposed, and that is said`(device: SimulatedDevice) throws {
        try eachFile(.plusCylinder, device) { broken, _ in
            let readings = try DeviceFormats.decode(broken.document).readings.map(\.reading)
            #expect(readings.flatMap(\.problems).contains { $0.code == .transposed })
            #expect(
                readings.flatMap(\.values).contains {
                    $0.quantity == .cylinder && $0.value?.trimmed.text == "-0.75"
                }
            )
        }
    }

    @Test(arguments: SimulatedDevice.allCases)
    func `a thickness in millimetres is 549 µm`(device: SimulatedDevice) throws {
        try eachFile(.thickness, device) { broken, _ in
            let readings = try DeviceFormats.decode(broken.document).readings.map(\.reading)
            #expect(
                readings.flatMap(\.values).contains {
                    $0.quantity == .centralCornealThickness && $0.value == 549 && $0.raw == "0.549"
                }
            )
        }
    }

    @Test(arguments: SimulatedDevice.allCases)
    func `a clock that runs ahead is read as it is`(device: SimulatedDevice) throws {
        try eachFile(.future, device) { broken, _ in
            let readings = try DeviceFormats.decode(broken.document).readings.map(\.reading)
            #expect(readings.allSatisfy { $0.measuredAt?.date.description == "2041-03-07" })
        }
    }

    @Test(arguments: SimulatedDevice.allCases)
    func `a number that the device made up is no patient's`(device: SimulatedDevice) throws {
        try eachFile(.counter, device) { broken, _ in
            let readings = try DeviceFormats.decode(broken.document).readings.map(\.reading)
            #expect(readings.allSatisfy { $0.patient.numberIsCounter })
            #expect(readings.allSatisfy { $0.patient.number == "0512" })
        }
    }

    @Test func `every fault finds its place in some device's files`() {
        for fault in SimulatedFault.allCases {
            let devices = SimulatedDevice.allCases.filter { device in
                SimulatedDocuments(device: device, seed: 12).prefix(40).contains {
                    fault.applied(to: $0, of: device) != nil
                }
            }
            #expect(!devices.isEmpty, "\(fault)")
        }
    }

    /// Files of the device that the fault fits, each with the fault and without.
    private func eachFile(
        _ fault: SimulatedFault,
        _ device: SimulatedDevice,
        _ body: (SimulatedFile, SimulatedFile) throws -> Void
    ) throws {
        for file in SimulatedDocuments(device: device, seed: 12).prefix(25) {
            // A value that has the faulty form by itself is no test.
            guard let broken = fault.applied(to: file, of: device), broken.bytes != file.bytes
            else { continue }
            try body(broken, file)
        }
    }
}
