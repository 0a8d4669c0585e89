import Shared

/// The exam `WF`: the refraction computed from the wavefront.
struct VisionixWavefront {
    private let file: VisionixFile

    init(_ file: VisionixFile) { self.file = file }

    /// One objective refraction; none where nothing was measured.
    ///
    /// Errors: `truncated` where one of the three sections has not come.
    func blocks() throws(DocumentFailure) -> [VisionixBlock] {
        guard VisionixExam.wavefront.sections.allSatisfy({ file.ini.has($0) }) else {
            throw DocumentFailure(.truncated, "The file ends before the exam's last section.")
        }
        var draft = ReadingDraft()
        let zones = [3, 5, 7].map { zone in
            VisionixZones.Zone(
                millimetres: zone,
                sphere: .init(section: "SPHERE", key: "R_\(zone)"),
                cylinder: .init(section: "CYLINDER", key: "R_\(zone)"),
                axis: .init(section: "AXIS", key: "R_\(zone)")
            )
        }
        try VisionixZones(file: file, zones: zones).append(to: &draft)
        VisionixPupils.append("GENERAL", "Pd", of: file, to: &draft)
        return [draft.objectiveRefraction].compactMap(\.self)
    }
}

/// The exam `ARK`: an autorefraction and a keratometry in one file.
struct VisionixAutorefraction {
    private let file: VisionixFile

    init(_ file: VisionixFile) { self.file = file }

    /// The refraction with the pupillary distance, and the keratometry; each only where measured.
    func blocks() throws(DocumentFailure) -> [VisionixBlock] {
        var refraction = ReadingDraft()
        let zones = [3, 5, 7].map { zone in
            VisionixZones.Zone(
                millimetres: zone,
                sphere: .init(section: "AR", key: "Sphere_\(zone)"),
                cylinder: .init(section: "AR", key: "Cylinder_\(zone)"),
                axis: .init(section: "AR", key: "Axis_\(zone)")
            )
        }
        try VisionixZones(file: file, zones: zones).append(to: &refraction)
        VisionixPupils.append("GENERAL", "PD", of: file, to: &refraction)
        var cornea = ReadingDraft()
        cornea.appendCornea(of: file, section: "KR", cylinder: "SimK_Cyl")
        return [refraction.objectiveRefraction, cornea.keratometry].compactMap(\.self)
    }
}

/// The exam `Topo`: simulated keratometry with what the topography adds.
struct VisionixTopography {
    private let file: VisionixFile

    init(_ file: VisionixFile) { self.file = file }

    /// One keratometry; none where nothing was measured.
    func blocks() -> [VisionixBlock] {
        var draft = ReadingDraft()
        let eye = file.name.eye
        draft.appendCornea(of: file, section: "Sim_K", cylinder: "Cyl")
        var average = ReadingValue(eye, .cornealPower)
        average.meridian = .average
        draft.append(file.field("Sim_K", "Avg", for: average, in: &draft), as: average)
        let others = [
            ("GENERAL", "Geo_e", Quantity.eccentricity), ("KERATOCONUS", "Kpi", .keratoconusIndex),
        ]
        for (section, key, quantity) in others {
            let template = ReadingValue(eye, quantity)
            draft.append(file.field(section, key, for: template, in: &draft), as: template)
        }
        VisionixPupils.append("TOPO", "PD", of: file, to: &draft)
        return [draft.keratometry].compactMap(\.self)
    }
}

extension ReadingDraft {
    /// The draft as an objective refraction, whose plane the files do not tell; nil where empty.
    fileprivate var objectiveRefraction: VisionixBlock? {
        guard !isEmpty else { return nil }
        var draft = self
        if values.contains(where: { $0.quantity == .sphere || $0.quantity == .cylinder }) {
            draft.note(ReadingProblem(.planeUnknown))
        }
        return VisionixBlock(kind: .objectiveRefraction, draft: draft)
    }

    /// The draft as a keratometry; nil where empty.
    fileprivate var keratometry: VisionixBlock? {
        isEmpty ? nil : VisionixBlock(kind: .keratometry, draft: self)
    }

    /// Adds both meridians, given as radii in millimetres, and the difference of their powers.
    ///
    /// Which meridian is flat is known only once both radii are.
    fileprivate mutating func appendCornea(
        of file: VisionixFile,
        section: String,
        cylinder: String
    ) {
        let eye = file.name.eye
        let keys = ["K1", "K2"]
        let isKnown = keys.allSatisfy {
            file.ini.entry(section, $0) != nil && !file.ini.isCut(section, $0)
        }
        if isKnown {
            let meridians = keys.map { key in
                CornealMeridians.Meridian(
                    radius: file.field(
                        section,
                        key,
                        for: ReadingValue(eye, .cornealRadius),
                        in: &self
                    ),
                    axis: file.field(
                        section,
                        "\(key)_axis",
                        for: ReadingValue(eye, .cornealAxis),
                        in: &self
                    )
                )
            }
            CornealMeridians(first: meridians[0], second: meridians[1])
                .append(to: &self, as: ReadingValue(eye, .cornealRadius))
        }
        let template = ReadingValue(eye, .cornealCylinder)
        append(file.field(section, cylinder, for: template, in: &self), as: template)
    }
}
