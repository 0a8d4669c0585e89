/// The devices that can be played.
package enum SimulatedDevice: String, Sendable, CaseIterable {
    /// Visionix L80: a `ClientDB` tree of ASCII files.
    case l80
    /// Visionix VX100: a `ClientDB` tree of UTF-16 files.
    case vx100
    /// Topcon CV-5000: one JOIA XML file per examination.
    case cv5000

    /// The maker's own name of the model.
    package var model: String {
        switch self {
        case .l80: "L80"
        case .vx100: "VX100"
        case .cv5000: "CV-5000"
        }
    }
}

/// A file as a device leaves it behind.
package struct SimulatedFile: Hashable, Sendable {
    /// The folders below the device's share, and last the name.
    package let path: [String]
    package let bytes: [UInt8]

    /// The name without its folders.
    package var name: String { path.last ?? "" }

    init(path: [String], bytes: [UInt8]) {
        precondition(!path.isEmpty, "a file has a name")
        self.path = path
        self.bytes = bytes
    }
}
