import Shared

/// A problem of a reading, in a word for lists and a sentence for the page.
struct ProblemSentence: Sendable, Equatable {
    let word: String
    let sentence: String
    /// `problem`, `attention`, or `plain` where it is answered: the class of the style sheet.
    let level: String

    init(word: String, sentence: String, level: String) {
        self.word = word
        self.sentence = sentence
        self.level = level
    }

    /// The problem, or what the verified settings of the reading's device say of it.
    init(_ problem: ReadingProblem, _ setting: VerifiedSetting?) {
        self = setting?.answer(to: problem) ?? ProblemSentence(problem)
    }

    init(_ problem: ReadingProblem) {
        word = Self.words[problem.code] ?? problem.code.rawValue
        level = problem.severity == .rejected ? "problem" : "attention"
        let subject = Self.subject(problem)
        let text = Self.sentences[problem.code] ?? Self.unknown
        sentence = text.replacingFirst("{}", with: subject)
    }

    /// `The right eye's sphere`, `A value of the left eye`, `A value`.
    private static func subject(_ problem: ReadingProblem) -> String {
        let quantity = problem.quantity.map { KindName.text($0).lowercased() }
        return switch (problem.eye, quantity) {
        case (.right, let quantity?): "The right eye's \(quantity)"
        case (.left, let quantity?): "The left eye's \(quantity)"
        case (.both, let quantity?), (nil, let quantity?): "The \(quantity)"
        case (.right, nil): "A value of the right eye"
        case (.left, nil): "A value of the left eye"
        case (.both, nil), (nil, nil): "A value"
        }
    }

    private static let unknown =
        "This version of the Hub does not know this problem; the reading waits for a person."

    private static let words: [ProblemCode: String] = [
        .valueOutOfRange: "out of range", .valueUnusual: "unusual value",
        .numberMalformed: "not a number", .unitUnknown: "unit unknown",
        .axisMissing: "axis missing", .powersDisagree: "powers disagree",
        .meridiansNotPerpendicular: "meridians not at 90°", .shotFailed: "shot failed",
        .planeUnknown: "plane unknown", .pdAmbiguous: "full or half PD?",
        .patientNumberIsCounter: "device's own number", .transposed: "plus cylinder",
        .baseUnknown: "prism base unknown", .commaDecimal: "decimal comma",
        .encodingGuessed: "text encoding inferred", .lineUnterminated: "last line cut",
        .checksumUnverified: "checksum not verified", .transmissionCut: "transmission cut",
        .blockUnknown: "unknown block", .lineDamaged: "line damaged",
        .testUnknown: "test unknown", .clockDrift: "device clock off",
    ]

    private static let sentences: [ProblemCode: String] = [
        .valueOutOfRange:
            "{} lies outside what can be true. Check it against the device's printout before anyone uses it.",
        .valueUnusual: "{} is rare. It may be right: compare it with the other measurements.",
        .numberMalformed:
            "{} is not a number in the device's file, so it has no value here. Read it from the device.",
        .unitUnknown:
            "{} came in a unit that the format does not provide for, so it is not converted. Check the device's settings.",
        .axisMissing:
            "{} has no axis although there is a cylinder. Without it the refraction cannot be used: measure again, or read it from the device.",
        .powersDisagree:
            "{} and the radius of the same meridian differ by more than 0.15 D. Both are shown as the device wrote them.",
        .meridiansNotPerpendicular:
            "The two principal meridians are more than 5° away from a right angle: an irregular cornea, or a poor shot.",
        .shotFailed: "The device says that a shot failed. The values are those that it kept.",
        .planeUnknown:
            "The device's file does not say whether the refraction is at the cornea or at the spectacle plane. Compare with a printout before converting it.",
        .pdAmbiguous:
            "{} may be meant for one eye or for both. Measure it before ordering glasses.",
        .patientNumberIsCounter:
            "The device made the patient number up itself. It is never used to find the patient.",
        .transposed:
            "The device wrote a plus cylinder. It is shown as a minus cylinder; the device's own text is kept beside it.",
        .baseUnknown:
            "{} came with a sign and without a base direction. Find the direction on the device before using it.",
        .commaDecimal: "The device wrote decimal commas; they were read as decimal points.",
        .encodingGuessed:
            "The file does not say which characters it is written in. Names with accents may look wrong; numbers are not affected.",
        .lineUnterminated:
            "The file's last line has no end and may have been cut off, so its value was left out. If this device always ends its files so, it can be allowed for.",
        .checksumUnverified:
            "The check bytes that the device sent agree with no known rule, so the values may be damaged. Compare every value with the device's display.",
        .transmissionCut:
            "The cable was pulled or the device stopped while it was sending. Only what came whole is shown: send it again.",
        .blockUnknown:
            "The device sent something that no decoder can read; it may belong to these values. Compare them with the device's display.",
        .lineDamaged:
            "A line of the file is not as long as it says. What it held was left out; the file itself is kept.",
        .testUnknown:
            "The file holds a test that the table of tests does not name. Its value was left out; an administrator can add the test.",
        .clockDrift:
            "The device's clock differs by more than a day from the time at which the file arrived. Set the device's clock; go by the time of arrival.",
    ]
}

extension String {
    /// With the first occurrence of `mark` replaced.
    func replacingFirst(_ mark: String, with text: String) -> String {
        guard let range = firstRange(of: mark) else { return self }
        return self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
