import DeviceFormats
import Shared
import Testing

@testable import Simulator

/// What must be found at one place of a reading, and nothing else.
struct ExpectedValue: Hashable {
    let eye: Eye
    let quantity: Quantity
    let value: String
    var zone: Int?
    var meridian: Meridian?
    var distance: TestDistance?
    var base: PrismBase?
    var shot: Int?
    var lighting: Lighting?
    var corrected: Bool?

    init(_ eye: Eye, _ quantity: Quantity, _ value: String) {
        self.eye = eye
        self.quantity = quantity
        self.value = value
    }

    /// A value as it was read, without what says how.
    init(_ read: ReadingValue) {
        self.init(read.eye, read.quantity, read.value?.text ?? read.text ?? "")
        zone = read.zone
        meridian = read.meridian
        distance = read.distance
        base = read.base
        shot = read.shot
        lighting = read.lighting
        corrected = read.corrected
    }
}

/// What must be found in one document.
struct ExpectedReading {
    let kind: ReadingKind
    let label: String
    let values: Set<ExpectedValue>

    init(_ kind: ReadingKind, _ label: String, _ values: Set<ExpectedValue>) {
        self.kind = kind
        self.label = label
        self.values = values
    }
}

extension Reading {
    /// Everything that stands in the document; what was computed is left out.
    var writtenValues: Set<ExpectedValue> {
        Set(values.filter { $0.derived != true }.map(ExpectedValue.init))
    }
}

extension SimulatedFile {
    /// What the decoder is given.
    var document: DeviceDocument {
        DeviceDocument(bytes: bytes, name: name, folders: ["share"] + path.dropLast())
    }
}

extension Set<ExpectedValue> {
    /// Adds a value with what tells it from the others.
    mutating func add(
        _ eye: Eye,
        _ quantity: Quantity,
        _ text: String?,
        _ change: (inout ExpectedValue) -> Void = { _ in }
    ) {
        guard let text else { return }
        var value = ExpectedValue(eye, quantity, text)
        change(&value)
        insert(value)
    }

    /// Adds a refraction: no axis where there is no cylinder.
    mutating func add(
        _ lens: ObjectiveLens,
        _ eye: Eye,
        _ change: (inout ExpectedValue) -> Void = { _ in }
    ) {
        add(eye, .sphere, decimal(lens.sphere, 2), change)
        add(eye, .cylinder, decimal(lens.cylinder, 2), change)
        if lens.cylinder != 0 { add(eye, .axis, String(lens.axis), change) }
    }
}

/// Decodes the file of a visit and compares it with what the device found.
func check(
    _ device: SimulatedDevice,
    seeds: Range<UInt64> = 0..<200,
    _ expected: (SimulatedVisit) -> [ExpectedReading],
    _ more: (SimulatedVisit, [Reading]) -> Void = { _, _ in }
) throws {
    for seed in seeds {
        let visit = SimulatedVisit(
            number: Int(seed) * 7,
            start: SimulatedDocuments.usualStart,
            seed: seed
        )
        let file = visit.files(from: device)[0]
        #expect(DeviceFormats.completeness(of: file.document) != .incomplete)
        let readings = try DeviceFormats.decode(file.document).readings.map(\.reading)
        let wanted = expected(visit)
        #expect(readings.map(\.kind) == wanted.map(\.kind))
        #expect(readings.map(\.label) == wanted.map(\.label))
        for (reading, wanted) in zip(readings, wanted) {
            #expect(!reading.isRejected, "\(reading.problems)")
            #expect(reading.role == .measured)
            #expect(reading.writtenValues == wanted.values)
        }
        more(visit, readings)
    }
}

extension Side {
    var eye: Eye { self == .right ? .right : .left }
}

/// `-225` hundredths as `-2.25`, or with `trimmed` as the shortest text.
func decimal(_ unscaled: Int, _ decimals: Int, trimmed: Bool = false) -> String {
    let number = ExactDecimal(unscaled: Int64(unscaled), decimals: decimals)
    return (trimmed ? number.trimmed : number).text
}
