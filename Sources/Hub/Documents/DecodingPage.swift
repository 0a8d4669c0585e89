import Shared
import Sync

/// What a document gives with the decoders of this Hub, before anyone takes it.
struct DecodingPage: Page {
    static let template = "decoding"

    struct Row: Sendable {
        let kind: String
        let label: String
        let right: EyeLine
        let left: EyeLine
        let says: String?
        let revision: String
        let findings: [ReadingRow.Flag]
    }

    let frame: Frame
    let back: String
    let action: String
    /// Why it cannot be read now either; nil where it can.
    let failure: String?
    let decoder: String
    let rows: [Row]
    let hasRows: Bool
    let known: String?
    let digest: String
    /// True where what was shown before is not what it gives now.
    let isChanged: Bool

    init(
        frame: Frame,
        digest document: Digest256,
        result: Result<Redecoding.Preview, DocumentFailure>,
        isChanged: Bool,
        siteParameter: String?
    ) {
        let path = DocumentText.page(document, siteParameter: nil)
        self.frame = frame
        self.isChanged = isChanged
        back = DocumentText.page(document, siteParameter: siteParameter)
        action = Address("\(path)/decode", ["site": siteParameter]).text
        switch result {
        case .failure(let reason):
            let place = reason.at.map { " (\($0))" } ?? ""
            failure = "\(DocumentText.word(reason)). \(reason.detail)\(place)"
            decoder = ""
            rows = []
            known = nil
            digest = ""
        case .success(let preview):
            failure = nil
            decoder = "\(preview.format), decoder \(preview.decoderVersion)"
            rows = preview.facts.map(Row.init)
            known =
                preview.known > 0
                ? "\(preview.known) of its readings are here already, and are not taken twice."
                : nil
            digest = preview.digest.hexadecimal
        }
        hasRows = !rows.isEmpty
    }
}

extension DecodingPage.Row {
    fileprivate init(_ fact: ReadingFact) {
        kind = KindName.text(fact.reading.kind)
        label = fact.reading.label
        right = EyeLine(fact.reading, eye: .right, isLong: true)
        left = EyeLine(fact.reading, eye: .left, isLong: true)
        says = PatientText.line(fact.reading.patient)
        revision =
            fact.revision == 1 ? "new" : "completes a reading, as its revision \(fact.revision)"
        findings = fact.reading.problems.map { problem in
            let text = ProblemSentence(problem)
            return ReadingRow.Flag(word: text.word, level: text.level, sentence: text.sentence)
        }
    }
}
