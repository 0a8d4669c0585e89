import Shared

/// The exams that are decoded; the raw value is the word in the file's name, in capitals.
enum VisionixExam: String, CaseIterable {
    case wavefront = "WF"
    case topography = "TOPO"
    case autorefraction = "ARK"

    /// The device's own name.
    var label: String {
        switch self {
        case .wavefront: "WF"
        case .topography: "Topo"
        case .autorefraction: "ARK"
        }
    }

    /// The sections that only this exam's file has.
    var sections: [String] {
        switch self {
        case .wavefront: ["SPHERE", "CYLINDER", "AXIS"]
        case .topography: ["SIM_K", "TOPO", "KERATOCONUS"]
        case .autorefraction: ["AR", "KR"]
        }
    }

    /// The sections that stand in every exam's file before its own.
    static let commonSections: Set<String> = ["PATIENT", "GENERAL"]

    /// True where every key that the exam announces is there.
    func isWhole(_ ini: INIFile) -> Bool {
        announced.allSatisfy { ini.entry($0.section, $0.key) != nil }
    }

    /// The readings of the file.
    func blocks(_ file: VisionixFile) throws(DocumentFailure) -> [VisionixBlock] {
        switch self {
        case .wavefront: try VisionixWavefront(file).blocks()
        case .topography: VisionixTopography(file).blocks()
        case .autorefraction: try VisionixAutorefraction(file).blocks()
        }
    }

    private var announced: [(section: String, key: String)] {
        switch self {
        case .wavefront:
            ["SPHERE", "CYLINDER", "AXIS"].flatMap { section in
                [3, 5, 7].map { (section, "R_\($0)") }
            }
        case .topography:
            ["K1", "K2", "K1_axis", "K2_axis", "Cyl", "Avg"].map { ("SIM_K", $0) }
                + [("TOPO", "PD")]
        case .autorefraction:
            [3, 5, 7].flatMap { zone in
                ["Sphere", "Cylinder", "Axis"].map { ("AR", "\($0)_\(zone)") }
            } + ["K1", "K2", "K1_axis", "K2_axis", "SimK_Cyl"].map { ("KR", $0) }
        }
    }
}
