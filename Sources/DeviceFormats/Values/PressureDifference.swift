import Shared

/// Tells of two eyes whose pressures lie further apart than is common.
enum PressureDifference {
    /// The problem, where the measured pressures that stand for the eyes differ by more than
    /// 6 mm[Hg]; corrected ones are not compared.
    static func problem(in values: [ReadingValue]) -> ReadingProblem? {
        func pressure(_ eye: Eye) -> ExactDecimal? {
            values.first {
                $0.eye == eye && $0.quantity == .intraocularPressure && $0.shot == nil
                    && $0.corrected != true
            }?.value
        }
        guard let right = pressure(.right), let left = pressure(.left),
            let difference = right - left, difference.magnitude > 6
        else { return nil }
        return ReadingProblem(
            .valueUnusual,
            eye: .both,
            quantity: .intraocularPressure,
            detail: "\(right) \(left)"
        )
    }
}

extension ReadingDraft {
    /// Notes pressures that are far apart, once both eyes' are there.
    mutating func notePressureDifference() {
        if let problem = PressureDifference.problem(in: values) { note(problem) }
    }
}
