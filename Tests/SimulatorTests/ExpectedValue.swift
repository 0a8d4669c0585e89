import DeviceFormats
import Shared

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

extension Side {
    var eye: Eye { self == .right ? .right : .left }
}

/// `-225` hundredths as `-2.25`, or with `trimmed` as the shortest text.
func decimal(_ unscaled: Int, _ decimals: Int, trimmed: Bool = false) -> String {
    let number = ExactDecimal(unscaled: Int64(unscaled), decimals: decimals)
    return (trimmed ? number.trimmed : number).text
}
