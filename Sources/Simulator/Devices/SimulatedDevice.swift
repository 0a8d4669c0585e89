/// The devices that leave files.
package enum SimulatedDevice: String, Sendable, CaseIterable {
    /// Visionix L80: a `ClientDB` tree of ASCII files.
    case l80
    /// Visionix VX100: a `ClientDB` tree of UTF-16 files.
    case vx100
    /// Topcon CV-5000: one JOIA XML file per examination.
    case cv5000
    /// Visionix VX120: a `ClientDB` tree with pressures and thicknesses, in UTF-16 or UTF-8.
    case vx120
    /// The XML files that a Visionix VX120 exports.
    case vx120Export = "vx120-xml"
    /// Visionix VX40, a lensmeter: the same XML with everything else empty.
    case vx40
    /// Topcon KR-800S: refraction, cornea and a subjective check in one Shift-JIS file.
    case kr800s
    /// Topcon TRK-2P: pressures and thicknesses.
    case trk2p
    /// Topcon CT-1P: pressures, and what the device makes of them with the thickness.
    case ct1p
    /// Topcon CL-300: a lensmeter.
    case cl300
    /// A program that hands results on as GDT records.
    case gdt

    /// The maker's own name of the model.
    package var model: String {
        switch self {
        case .l80: "L80"
        case .vx100: "VX100"
        case .cv5000: "CV-5000"
        case .vx120, .vx120Export: "VX120"
        case .vx40: "VX40"
        case .kr800s: "KR-800S"
        case .trk2p: "TRK-2P"
        case .ct1p: "CT-1P"
        case .cl300: "CL-300"
        case .gdt: "GDT"
        }
    }

    /// The end of the path of the device's share, as on the device.
    package var shareName: String { keepsClientDB ? "\(rawValue)/ClientDB" : rawValue }

    /// True where the share is a `ClientDB` tree: folders of patients, visits and exams.
    package var keepsClientDB: Bool { [.l80, .vx100, .vx120].contains(self) }
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
