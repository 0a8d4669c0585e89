import Shared

extension ReadingDraft {
    /// Adds a pupillary distance that may be whole or half: binocular above 42.5 mm and this eye's
    /// own below 40 mm; between them a person is asked, and no value is given.
    mutating func append(undecidedPupils field: DeviceField?, of eye: Eye) {
        guard let field, let number = field.number else { return }
        if PupillaryDistance.isAmbiguous(number) {
            note(.pdAmbiguous(field.text, of: eye))
        } else {
            append(field, as: ReadingValue(number > 40 ? .both : eye, .pupillaryDistance))
        }
    }

    /// Adds a pupillary distance that is said to be the half; one that might as well be the whole
    /// is shown to a person.
    mutating func append(halfPupils field: DeviceField?, as template: ReadingValue) {
        guard let field, let number = field.number else { return }
        if PupillaryDistance.isAmbiguous(number) {
            note(.pdAmbiguous(field.text, of: template.eye))
        }
        append(field, as: template)
    }
}

/// The lengths in millimetres between which a pupillary distance may be whole or half.
enum PupillaryDistance {
    /// True from 40 to 42.5 mm.
    static func isAmbiguous(_ number: ExactDecimal) -> Bool {
        number >= 40 && number <= ExactDecimal(unscaled: 425, decimals: 1)
    }
}

extension ReadingProblem {
    fileprivate static func pdAmbiguous(_ text: String, of eye: Eye) -> ReadingProblem {
        ReadingProblem(.pdAmbiguous, eye: eye, quantity: .pupillaryDistance, detail: text)
    }
}
