import Shared

/// A number that a device wrote, with where it stood.
struct DeviceField {
    /// The number; nil where the text was refused.
    var number: ExactDecimal?
    /// The device's own text where the number's text differs from it.
    var raw: String?
    /// The device's own text.
    var text: String
    /// Where in the document it stood.
    var path: String
}

extension DeviceField {
    /// Takes another number and keeps the device's own text beside it.
    mutating func turn(into number: ExactDecimal) {
        self.number = number
        raw = text
    }
}
