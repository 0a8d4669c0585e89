import Shared

/// The exam `Tono`: the device's mean of its pressures, never corrected.
struct VisionixTonometry {
    private let file: VisionixFile

    init(_ file: VisionixFile) { self.file = file }

    /// One tonometry; none where nothing was measured.
    func blocks() -> [VisionixBlock] {
        var draft = ReadingDraft()
        var mean = ReadingValue(file.name.eye, .intraocularPressure)
        mean.statistic = .average
        draft.append(file.field("MEASURE", "Average", for: mean, in: &draft), as: mean)
        return draft.isEmpty ? [] : [VisionixBlock(kind: .tonometry, draft: draft)]
    }
}

/// The exam `Pachy`: the cornea's thickness, and what the same picture shows of the front chamber.
struct VisionixPachymetry {
    private let file: VisionixFile

    init(_ file: VisionixFile) { self.file = file }

    /// The keys of the exam in the order of the file.
    static let keys = ["Thickness"] + segment.map(\.key)

    private static let segment: [(key: String, quantity: Quantity)] = [
        ("Acd", .anteriorChamberDepth), ("WhiteToWhite", .whiteToWhite),
        ("KappaAngle", .kappaAngle), ("IridoAngleR", .iridocornealAngle),
        ("IridoAngleL", .iridocornealAngle),
    ]

    /// A pachymetry and an anterior segment; each only where measured.
    func blocks() -> [VisionixBlock] {
        let eye = file.name.eye
        var cornea = ReadingDraft()
        let thickness = ReadingValue(eye, .centralCornealThickness)
        let field = file.field("MEASURE", "Thickness", for: thickness, in: &cornea)
        cornea.append(field?.micrometres, as: thickness)
        var segment = ReadingDraft()
        for (key, quantity) in Self.segment {
            let template = ReadingValue(eye, quantity)
            segment.append(file.field("MEASURE", key, for: template, in: &segment), as: template)
        }
        let blocks = [
            VisionixBlock(kind: .pachymetry, draft: cornea),
            VisionixBlock(kind: .anteriorSegment, draft: segment),
        ]
        return blocks.filter { !$0.draft.isEmpty }
    }
}
