import Shared
import XML

/// The section `subjective_mesurement`: what the patient answered.
enum OpticSubjective {
    /// Decodes the refraction, and one visual acuity for each correction that it was tested with.
    static func decode(_ section: DocumentNode) throws(DocumentFailure) -> [ExamBlock] {
        var blocks: [ExamBlock] = []
        if let measure = try section.child("measure_REF") {
            blocks.append(try refraction(measure))
        }
        if let measure = try section.child("measure_VA") {
            blocks += try acuities(measure)
        }
        return blocks
    }

    private static let distances = [("far_vision", TestDistance.far), ("near_vision", .near)]

    private static func refraction(_ measure: DocumentNode) throws(DocumentFailure) -> ExamBlock {
        var draft = ReadingDraft()
        for (name, eye) in [("ref_right", Eye.right), ("ref_left", .left)] {
            guard let side = try measure.child(name) else { continue }
            for (vision, distance) in distances {
                guard let node = try side.child(vision) else { continue }
                var template = ReadingValue(eye, .sphere)
                template.distance = distance
                // The element says far wherever it stands; beside near powers that is a question.
                let pupils = distance == .far ? distance : nil
                try draft.appendHalfPupils("half_far_pupil_distance", of: node, eye, pupils)
                try OpticLens(node).append(to: &draft, as: template)
            }
            guard
                !draft.values.contains(where: { $0.eye == eye && $0.quantity == .addition }),
                let addition = Addition.value(of: eye, in: draft.values)
            else { continue }
            draft.append(addition)
        }
        return ExamBlock(kind: .subjectiveRefraction, label: "REF", draft: draft)
    }

    /// With the refraction, with the glasses that the lensmeter read, with the autorefraction:
    /// three acuities that must not be taken for one another.
    private static func acuities(_ measure: DocumentNode) throws(DocumentFailure) -> [ExamBlock] {
        let unit = try measure.text("unit") ?? ""
        let isDecimal = unit.isEmpty || unit.lowercased() == "decimal"
        var blocks: [ExamBlock] = []
        for (name, label) in [("REF", "VA"), ("LM", "VA LM"), ("AR", "VA AR")] {
            guard let group = try measure.child(name) else { continue }
            var draft = ReadingDraft()
            for (side, eye) in [("VA_right", Eye.right), ("VA_left", .left), ("VA_bino", .both)] {
                for (vision, distance) in distances {
                    guard let node = try group.child(side)?.child(vision),
                        !node.element.text.trimmingBlanks.isEmpty
                    else { continue }
                    var template = ReadingValue(eye, .visualAcuity)
                    template.distance = distance
                    if isDecimal {
                        try node.acuity(as: template, in: &draft)
                    } else {
                        draft.note(.unitUnknown(unit, template))
                    }
                }
            }
            blocks.append(ExamBlock(kind: .visualAcuity, label: label, draft: draft))
        }
        return blocks
    }
}

/// The section `LSM_mesurement`: the patient's glasses in the lensmeter, never a refraction.
enum OpticLenses {
    /// Decodes the one lensmetry.
    static func decode(_ section: DocumentNode) throws(DocumentFailure) -> [ExamBlock] {
        guard let measure = try section.child("measure_REF") else { return [] }
        var draft = ReadingDraft()
        for (name, eye) in [("ref_right", Eye.right), ("ref_left", .left)] {
            guard let side = try measure.child(name) else { continue }
            try draft.appendHalfPupils("half_far_pupil_distance", of: side, eye, .far)
            try OpticLens(side).append(to: &draft, as: ReadingValue(eye, .sphere))
        }
        return [ExamBlock(kind: .lensmetry, label: "LSM", draft: draft)]
    }
}

/// Powers, addition and prism of one lens.
struct OpticLens {
    private let node: DocumentNode

    init(_ node: DocumentNode) { self.node = node }

    /// Adds what was measured.
    func append(
        to draft: inout ReadingDraft,
        as template: ReadingValue
    ) throws(DocumentFailure) {
        try node.triple(("sphere", "cylinder", "axis"), as: template, in: &draft)
        try draft.append("addition", unit: "D", of: node, as: template.of(.addition))
        guard let prism = try node.child("prism") else { return }
        var isCartesian = false
        if let cartesian = try prism.child("cartesian") {
            let axes = [
                ("horizontal_diopter", Quantity.prismHorizontal),
                ("vertical_diopter", .prismVertical),
            ]
            for (name, quantity) in axes {
                let own = template.of(quantity)
                guard let field = try cartesian.field(name, unit: "D", for: own, in: &draft)
                else { continue }
                isCartesian = true
                draft.append(signedPrism: field, as: own)
            }
        }
        guard !isCartesian, let polar = try prism.child("polar") else { return }
        try appendPolar(polar, template.of(.prismHorizontal), &draft)
    }

    /// An amount with an angle alone has no quantity of its own: a person is told of it.
    private func appendPolar(
        _ polar: DocumentNode,
        _ template: ReadingValue,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        guard
            let amount = try polar.field("resulting_prism", unit: "D", for: template, in: &draft),
            amount.number?.isZero == false
        else { return }
        let base = try polar.text("base") ?? "?"
        let detail = "\(amount.text) @ \(base)"
        draft.note(ReadingProblem(.baseUnknown, eye: template.eye, detail: detail))
    }
}

extension ReadingProblem {
    fileprivate static func unitUnknown(_ unit: String, _ value: ReadingValue) -> ReadingProblem {
        ReadingProblem(
            .unitUnknown,
            eye: value.eye,
            quantity: value.quantity,
            detail: String(unit.prefix(40))
        )
    }
}
