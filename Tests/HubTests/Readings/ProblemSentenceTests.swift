import Shared
import Testing

@testable import Hub

struct ProblemSentenceTests {
    private static let known: [ProblemCode] = [
        .valueOutOfRange, .valueUnusual, .numberMalformed, .unitUnknown, .axisMissing,
        .powersDisagree, .meridiansNotPerpendicular, .shotFailed, .planeUnknown, .pdAmbiguous,
        .patientNumberIsCounter, .transposed, .baseUnknown, .commaDecimal, .encodingGuessed,
        .lineUnterminated, .checksumUnverified, .transmissionCut, .blockUnknown, .lineDamaged,
        .testUnknown, .clockDrift,
    ]

    @Test(arguments: known)
    func `every problem has a word and a whole sentence`(code: ProblemCode) {
        let text = ProblemSentence(ReadingProblem(code, eye: .right, quantity: .sphere))
        #expect(text.word != code.rawValue)
        #expect(text.sentence.hasSuffix("."))
        #expect(!text.sentence.contains("{}"))
        #expect(!text.sentence.contains("does not know"))
    }

    @Test func `the sentence names the eye and the quantity where the problem does`() {
        func sentence(_ eye: Eye?, _ quantity: Quantity?) -> String {
            ProblemSentence(ReadingProblem(.valueUnusual, eye: eye, quantity: quantity)).sentence
        }
        #expect(sentence(.right, .sphere).hasPrefix("The right eye's sphere is rare."))
        #expect(sentence(.left, nil).hasPrefix("A value of the left eye is rare."))
        #expect(sentence(nil, .pupillaryDistance).hasPrefix("The pupillary distance is rare."))
        #expect(sentence(nil, nil).hasPrefix("A value is rare."))
    }

    @Test func `a problem that a later Agent invents is shown as grave, by its code`() {
        let text = ProblemSentence(ReadingProblem(ProblemCode(rawValue: "moonPhase")))
        #expect(text.word == "moonPhase")
        #expect(text.level == "problem")
        #expect(text.sentence.contains("waits for a person"))
    }
}
