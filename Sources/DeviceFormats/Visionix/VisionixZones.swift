import Shared

/// Sphere, cylinder and axis at the pupil zones of 3, 5 and 7 mm.
struct VisionixZones {
    /// Where one number stands.
    struct Place {
        let section: String, key: String
    }

    /// The places of one zone's numbers.
    struct Zone {
        let millimetres: Int
        let sphere: Place, cylinder: Place, axis: Place
    }

    let file: VisionixFile
    let zones: [Zone]

    /// Adds every zone that was measured, with axes in degrees.
    ///
    /// Errors: `truncated` where a sphere has come and its cylinder's key has not: a plus cylinder
    /// would change the sphere.
    func append(to draft: inout ReadingDraft) throws(DocumentFailure) {
        for zone in zones {
            var template = ReadingValue(file.name.eye, .sphere)
            template.zone = zone.millimetres
            let places = [zone.sphere, zone.cylinder, zone.axis]
            // A line without a line end may be cut: nothing that it completes is known.
            guard !places.contains(where: { file.ini.isCut($0.section, $0.key) }) else { continue }
            let sphere = field(zone.sphere, template.of(.sphere), &draft)
            let cylinder = field(zone.cylinder, template.of(.cylinder), &draft)
            let axis = field(zone.axis, template.of(.axis), &draft).map(degrees)
            if sphere?.number != nil,
                file.ini.entry(zone.cylinder.section, zone.cylinder.key) == nil
            {
                throw DocumentFailure(.truncated, "The file ends before the cylinder of a sphere.")
            }
            let triple = RefractionTriple(sphere: sphere, cylinder: cylinder, axis: axis)
            triple.append(to: &draft, as: template)
        }
    }

    private func field(
        _ place: Place,
        _ template: ReadingValue,
        _ draft: inout ReadingDraft
    ) -> DeviceField? {
        file.field(place.section, place.key, for: template, in: &draft)
    }

    /// Radians to whole degrees, in decimal arithmetic.
    private func degrees(_ field: DeviceField) -> DeviceField {
        var field = field
        field.number = field.number?.multiplied(by: Self.degreesPerRadian, decimals: 0)
        field.raw = field.text
        return field
    }

    /// 180/π to 16 decimals: exact enough for any number of radians below 10¹⁴.
    private static let degreesPerRadian = ExactDecimal(
        unscaled: 572_957_795_130_823_209,
        decimals: 16
    )
}

/// A pupillary distance of a file that does not say whether it is the whole or the half.
enum VisionixPupils {
    /// Adds it by its size, or asks a person.
    static func append(
        _ section: String,
        _ key: String,
        of file: VisionixFile,
        to draft: inout ReadingDraft
    ) {
        let template = ReadingValue(file.name.eye, .pupillaryDistance)
        let field = file.field(section, key, for: template, in: &draft)
        draft.append(undecidedPupils: field, of: file.name.eye)
    }
}
