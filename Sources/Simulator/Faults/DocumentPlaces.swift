/// What stands before the values of a device's files; the first one that holds something counts.
struct DocumentPlaces {
    private let device: SimulatedDevice

    init(_ device: SimulatedDevice) {
        self.device = device
    }

    var isINI: Bool { device.keepsClientDB }
    var isXML: Bool { !isINI && device != .gdt }
    private var isOptic: Bool { [.vx120Export, .vx40].contains(device) }

    /// A text that is no number.
    var text: [String] { isOptic ? ["<model_name>"] : ["ROMVersion>"] }

    var sphere: [String] {
        if isINI { return ["[SPHERE]\r\nR_3=", "Sphere_3="] }
        return isOptic ? ["<sphere>"] : [#"Sph unit="D">"#, #"Sphere unit="D">"#]
    }

    var cylinder: [String] {
        if isINI { return ["[CYLINDER]\r\nR_3=", "Cylinder_3="] }
        return isOptic ? ["<cylinder>"] : [#"Cyl unit="D">"#, #":Cylinder unit="D">"#]
    }

    var axis: [String] {
        if isINI { return ["[AXIS]\r\nR_3=", "Axis_3="] }
        return isOptic ? ["<axis>"] : [#":Axis unit="deg">"#]
    }

    var pupils: [String] {
        if isINI { return ["\nPd=", "\nPD="] }
        guard !isOptic else {
            return ["<half_far_pupillary_distance>", "<half_far_pupil_distance>"]
        }
        return [
            "\t<nsSBJ:PD>\n\t\t\t\t\t\t<nsSBJ:R unit=\"mm\">", #":Distance unit="mm">"#,
        ]
    }

    var thickness: [String] {
        if isINI { return ["Thickness="] }
        return isOptic ? ["<central>"] : [#"CCT_mm unit="mm">"#, #"CCT unit="mm">"#]
    }

    var date: [String] {
        if isINI { return ["CurrentDate="] }
        if device == .gdt { return ["0176200"] }
        return isOptic ? ["<date>"] : ["nsCommon:Date>"]
    }

    var futureDate: String {
        if isINI { return "07 Mar 2041" }
        if device == .gdt { return "07032041" }
        return isOptic ? "07/Mar/2041" : "2041-03-07"
    }
}
