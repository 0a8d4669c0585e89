import Shared
import XML

/// The part `TONO`: pressures as measured (`PIO`) and as the device corrected them (`PIOc`).
struct OpticTonometry {
    private let measure: DocumentNode

    init(_ measure: DocumentNode) { self.measure = measure }

    /// One tonometry, empty where nothing was measured.
    func block() throws(DocumentFailure) -> ExamBlock {
        var draft = ReadingDraft()
        for (name, eye) in [("tono_right", Eye.right), ("tono_left", .left)] {
            guard let side = try measure.child(name) else { continue }
            try pressures(side, eye, &draft)
        }
        draft.notePressureDifference()
        return ExamBlock(kind: .tonometry, label: "Tono", draft: draft)
    }

    private func pressures(
        _ side: DocumentNode,
        _ eye: Eye,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) {
        let measured = try shots(side.child("PIO"), eye, corrected: nil, &draft)
        var mean = ReadingValue(eye, .intraocularPressure)
        mean.statistic = .average
        if let field = try side.field("average", unit: "mmHg", for: mean, in: &draft) {
            draft.append(field, as: mean)
            check(field.number, against: measured, mean, &draft)
        } else if let last = measured.last {
            mean.statistic = .single
            draft.append(last, as: mean)
        }
        _ = try shots(side.child("PIOc"), eye, corrected: true, &draft)
    }

    /// Adds the shots; those that were measured.
    private func shots(
        _ node: DocumentNode?,
        _ eye: Eye,
        corrected: Bool?,
        _ draft: inout ReadingDraft
    ) throws(DocumentFailure) -> [DeviceField] {
        var fields: [DeviceField] = []
        for shot in 1...3 {
            var template = ReadingValue(eye, .intraocularPressure)
            template.statistic = .single
            template.shot = shot
            template.corrected = corrected
            guard
                let field = try node?
                    .field("mesure\(shot)", unit: "mmHg", for: template, in: &draft),
                field.number != nil
            else { continue }
            draft.append(field, as: template)
            fields.append(field)
        }
        return fields
    }

    /// A mean that lies outside its own shots may be that of the corrected ones: a person is told.
    private func check(
        _ mean: ExactDecimal?,
        against shots: [DeviceField],
        _ template: ReadingValue,
        _ draft: inout ReadingDraft
    ) {
        let numbers = shots.compactMap(\.number)
        guard let mean, let least = numbers.min(), let most = numbers.max(),
            mean < least || mean > most
        else { return }
        draft.note(
            ReadingProblem(
                .valueUnusual,
                eye: template.eye,
                quantity: template.quantity,
                detail: mean.text
            )
        )
    }
}
