import Shared

/// The words for what was measured.
enum KindName {
    /// The kinds in the order of a visit.
    static let all: [ReadingKind] = [
        .subjectiveRefraction, .objectiveRefraction, .keratometry, .lensmetry, .tonometry,
        .pachymetry, .visualAcuity, .anteriorSegment,
    ]

    static func text(_ kind: ReadingKind) -> String {
        switch kind {
        case .subjectiveRefraction: "Subjective refraction"
        case .objectiveRefraction: "Objective refraction"
        case .keratometry: "Keratometry"
        case .lensmetry: "Lensmetry"
        case .tonometry: "Eye pressure"
        case .pachymetry: "Pachymetry"
        case .visualAcuity: "Visual acuity"
        case .anteriorSegment: "Anterior segment"
        default: kind.rawValue
        }
    }

    static func text(_ quantity: Quantity) -> String {
        names[quantity] ?? quantity.rawValue
    }

    static func text(_ eye: Eye) -> String {
        switch eye {
        case .right: "Right"
        case .left: "Left"
        case .both: "Both"
        }
    }

    private static let names: [Quantity: String] = [
        .sphere: "Sphere", .cylinder: "Cylinder", .axis: "Axis",
        .sphericalEquivalent: "Spherical equivalent", .addition: "Addition",
        .prismHorizontal: "Prism, horizontal", .prismVertical: "Prism, vertical",
        .visualAcuity: "Visual acuity", .pupillaryDistance: "Pupillary distance",
        .vertexDistance: "Vertex distance", .cornealRadius: "Corneal radius",
        .cornealPower: "Corneal power", .cornealAxis: "Corneal axis",
        .cornealCylinder: "Corneal cylinder", .keratometricIndex: "Keratometric index",
        .intraocularPressure: "Eye pressure", .centralCornealThickness: "Corneal thickness",
        .anteriorChamberDepth: "Anterior chamber depth", .whiteToWhite: "White to white",
        .pupilDiameter: "Pupil diameter", .iridocornealAngle: "Iridocorneal angle",
        .kappaAngle: "Kappa angle", .keratoconusIndex: "Keratoconus index",
        .eccentricity: "Eccentricity",
    ]
}
