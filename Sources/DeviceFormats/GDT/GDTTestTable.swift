package import Shared

/// What the codes in a result mean; nothing in GDT itself says so.
///
/// An administrator extends it with the codes of the clinic's own programs.
package struct GDTTestTable: Sendable, Hashable, Codable {
    /// The kind of reading that a test type (field 8402) gives.
    package var kinds: [String: ReadingKind]
    /// What a test ident (field 8410) names, in capitals.
    package var idents: [String: Ident]

    /// One measured value.
    package struct Ident: Sendable, Hashable, Codable {
        /// The eye; `both` for what belongs to the pair.
        package var eye: Eye
        /// What was measured.
        package var quantity: Quantity
        /// True for a pressure that the device corrected.
        package var corrected: Bool?
        /// Far or near, where the ident says it.
        package var distance: TestDistance?
        /// Mean or median, where the ident says it.
        package var statistic: Statistic?

        /// Takes the parts as they are.
        package init(
            _ eye: Eye,
            _ quantity: Quantity,
            corrected: Bool? = nil,
            distance: TestDistance? = nil,
            statistic: Statistic? = nil
        ) {
            self.eye = eye
            self.quantity = quantity
            self.corrected = corrected
            self.distance = distance
            self.statistic = statistic
        }
    }

    /// Takes the parts as they are.
    package init(kinds: [String: ReadingKind], idents: [String: Ident]) {
        self.kinds = kinds
        self.idents = idents
    }

    /// The codes that practices were seen to use, and idents made of a quantity and an eye.
    package static let standard = GDTTestTable(
        kinds: [
            "OPTO01": .objectiveRefraction, "OPTO02": .subjectiveRefraction,
            "OPTO03": .lensmetry, "OPTO06": .tonometry, "REF01": .objectiveRefraction,
            "KM01": .keratometry, "TM01": .tonometry, "PM01": .pachymetry,
            "SUBJ01": .subjectiveRefraction,
        ],
        idents: standardIdents
    )

    private static var standardIdents: [String: Ident] {
        let quantities: [(String, Quantity, Bool?)] = [
            ("IOP", .intraocularPressure, nil), ("IOPC", .intraocularPressure, true),
            ("CCT", .centralCornealThickness, nil), ("SPH", .sphere, nil),
            ("CYL", .cylinder, nil), ("AXIS", .axis, nil), ("ADD", .addition, nil),
            ("VA", .visualAcuity, nil), ("PD", .pupillaryDistance, nil),
        ]
        var idents = ["VD": Ident(.both, .vertexDistance), "PD": Ident(.both, .pupillaryDistance)]
        for (word, quantity, corrected) in quantities {
            idents["\(word)_R"] = Ident(.right, quantity, corrected: corrected)
            idents["\(word)_L"] = Ident(.left, quantity, corrected: corrected)
        }
        return idents
    }
}
