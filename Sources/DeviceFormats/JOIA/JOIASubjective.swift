import Shared
import XML

/// The block `SBJ`: one reading per data set of the phoropter.
enum JOIASubjective {
    /// Decodes every data set that holds a value.
    static func decode(_ measure: DocumentNode) throws(DocumentFailure) -> [ExamBlock] {
        var blocks: [ExamBlock] = []
        var used: Set<String> = []
        for test in measure.blocks("RefractionTest") {
            for (position, type) in test.list("Type").enumerated() {
                let label = try type.text("TypeName") ?? ""
                var path = "\(test.path)/Type[\(label)]"
                if !used.insert(path).inserted { path += "[\(position + 1)]" }
                let node = DocumentNode(element: type.element, path: path)
                let draft = try draft(of: node)
                guard !draft.isEmpty else { continue }
                guard !label.isEmpty else {
                    throw DocumentFailure(
                        .malformed,
                        "A data set has values but no name.",
                        at: "line \(type.element.line)"
                    )
                }
                let (kind, role) = meaning(of: label)
                blocks.append(ExamBlock(kind: kind, label: label, role: role, draft: draft))
            }
        }
        return blocks
    }

    /// What a data set is, by its name alone: devices number them as they please.
    static func meaning(of label: String) -> (ReadingKind, ReadingRole) {
        switch label.lowercased() {
        case "unaided data": (.visualAcuity, .measured)
        case "objective data": (.objectiveRefraction, .echo)
        case "current spectacles": (.lensmetry, .echo)
        case "last prescription": (.subjectiveRefraction, .echo)
        default: (.subjectiveRefraction, .measured)
        }
    }

    private static func draft(of type: DocumentNode) throws(DocumentFailure) -> ReadingDraft {
        var draft = ReadingDraft()
        for exam in type.list("ExamDistance") {
            try JOIAExamDistance(exam, &draft).decode(into: &draft)
        }
        for eye in [Eye.right, .left] {
            if let addition = Addition.value(of: eye, in: draft.values) { draft.append(addition) }
        }
        return draft
    }
}

/// The near addition, which the phoropter does not write.
enum Addition {
    /// Near sphere less far sphere, both measured once with the same cylinder and axis; else nil.
    static func value(of eye: Eye, in values: [ReadingValue]) -> ReadingValue? {
        func only(_ quantity: Quantity, _ distance: TestDistance) -> ExactDecimal?? {
            let found = values.filter {
                $0.eye == eye && $0.quantity == quantity && $0.distance == distance
            }
            guard found.count < 2 else { return .none }
            return .some(found.first?.value)
        }
        func equal(_ quantity: Quantity) -> Bool {
            guard let far = only(quantity, .far), let near = only(quantity, .near) else {
                return false
            }
            return far?.trimmed == near?.trimmed
        }
        guard let far = only(.sphere, .far) ?? nil, let near = only(.sphere, .near) ?? nil,
            equal(.cylinder), equal(.axis), let addition = near - far
        else { return nil }
        var value = ReadingValue(eye, .addition)
        value.value = addition
        value.derived = true
        return value
    }
}
