import Shared
import XML

/// What a phoropter holds for one test distance.
struct JOIAExamDistance {
    private let exam: DocumentNode
    private let distance: TestDistance?
    private let centimetres: ExactDecimal?

    /// Reads the distance: far beyond 100 cm, near otherwise, unknown where it is 0 or absent.
    init(_ exam: DocumentNode, _ draft: inout ReadingDraft) throws(DocumentFailure) {
        self.exam = exam
        let template = ReadingValue(.both, .testDistance)
        let field = try exam.field("Distance", unit: "cm", for: template, in: &draft)
        let number = field?.number.flatMap { $0 > 0 ? $0.trimmed : nil }
        centimetres = number
        distance = number.map { $0 > 100 ? .far : .near }
    }

    /// Adds the powers, prisms, acuities and pupillary distances.
    func decode(into draft: inout ReadingDraft) throws(DocumentFailure) {
        if let data = try exam.child("RefractionData") {
            for (name, eye) in [("R", Eye.right), ("L", .left)] {
                guard let side = try data.child(name) else { continue }
                guard try !side.noteError(eye: eye, in: &draft) else { continue }
                try side.triple(("Sph", "Cyl", "Axis"), as: template(eye, .sphere), in: &draft)
                try prisms(of: side, eye, &draft)
            }
            let template = template(.both, .vertexDistance)
            draft.append(try data.field("VD", unit: "mm", for: template, in: &draft), as: template)
        }
        for (name, eye) in [("R", Eye.right), ("L", .left), ("B", .both)] {
            guard let acuity = try exam.child("VA")?.child(name) else { continue }
            try acuity.acuity(as: template(eye, .visualAcuity), in: &draft)
        }
        for (name, eye) in [("R", Eye.right), ("L", .left), ("B", .both)] {
            guard let node = try exam.child("PD") else { break }
            let template = template(eye, .pupillaryDistance)
            draft.append(try node.field(name, unit: "mm", for: template, in: &draft), as: template)
        }
    }

    private func template(_ eye: Eye, _ quantity: Quantity) -> ReadingValue {
        var value = ReadingValue(eye, quantity)
        value.distance = distance
        value.distanceCm = centimetres
        return value
    }

    private func prisms(
        of side: DocumentNode,
        _ eye: Eye,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        let axes: [(String, String, Quantity, [String: PrismBase])] = [
            ("HPri", "HBase", .prismHorizontal, ["BI": .in, "BO": .out]),
            ("VPri", "VBase", .prismVertical, ["BU": .up, "BD": .down]),
        ]
        var isCartesian = false
        for (amount, direction, quantity, bases) in axes {
            var template = template(eye, quantity)
            guard let field = try side.field(amount, unit: "prism", for: template, in: &draft)
            else { continue }
            isCartesian = true
            let own = try side.text(direction) ?? ""
            if field.number?.isZero == false {
                template.base = bases[own.uppercased()]
                if template.base == nil {
                    draft.note(
                        ReadingProblem(.baseUnknown, eye: eye, quantity: quantity, detail: own)
                    )
                }
            }
            draft.append(field, as: template)
        }
        guard !isCartesian else { return }
        try polarPrism(of: side, eye, &draft)
    }

    /// An amount with an angle alone has no quantity of its own: a person is told of it.
    private func polarPrism(
        of side: DocumentNode,
        _ eye: Eye,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        let template = template(eye, .prismHorizontal)
        guard let amount = try side.field("Prism", unit: "prism", for: template, in: &draft),
            amount.number?.isZero == false
        else { return }
        let angle = try side.text("Angle") ?? "?"
        draft.note(ReadingProblem(.baseUnknown, eye: eye, detail: "\(amount.text) @ \(angle)"))
    }
}

extension Quantity {
    /// The tested distance itself: names the place of a problem, and is never a value.
    fileprivate static let testDistance = Self(rawValue: "testDistance")
}
