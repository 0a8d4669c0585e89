import Shared

/// The exams that are decoded; the raw value is the word in the file's name, in capitals.
enum VisionixExam: String, CaseIterable {
    case wavefront = "WF"
    case topography = "TOPO"
    case autorefraction = "ARK"
    case tonometry = "TONO"
    case pachymetry = "PACHY"

    /// The device's own name.
    var label: String {
        switch self {
        case .wavefront: "WF"
        case .topography: "Topo"
        case .autorefraction: "ARK"
        case .tonometry: "Tono"
        case .pachymetry: "Pachy"
        }
    }

    /// True where the content is this exam's, as far as it goes.
    func matches(_ ini: INIFile) -> Bool {
        switch self {
        case .wavefront, .topography, .autorefraction: sections.contains { ini.has($0) }
        // Two exams share one section; their keys tell them apart.
        case .tonometry, .pachymetry:
            announced.contains { ini.entry($0.section, $0.key) != nil }
        }
    }

    /// The sections of the exam's own values.
    var sections: [String] {
        switch self {
        case .wavefront: ["SPHERE", "CYLINDER", "AXIS"]
        case .topography: ["SIM_K", "TOPO", "KERATOCONUS"]
        case .autorefraction: ["AR", "KR"]
        case .tonometry, .pachymetry: ["MEASURE"]
        }
    }

    /// The sections whose beginning does not tell the exam yet.
    static let undecidedSections: Set<String> = ["PATIENT", "GENERAL", "MEASURE"]

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
        case .tonometry: VisionixTonometry(file).blocks()
        case .pachymetry: VisionixPachymetry(file).blocks()
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
        case .tonometry: [("MEASURE", "Average")]
        case .pachymetry:
            VisionixPachymetry.keys.map { ("MEASURE", $0) }
        }
    }
}
