import Shared

/// One operation that is not shown: why, what it holds, and what people decided.
struct OperationPage: Page {
    static let template = "operation"

    let frame: Frame
    let word: String
    let level: String
    let sentence: String
    let code: String
    /// What another try just led to; nil where nobody tried.
    let notice: String?
    let isReplayed: Bool
    let facts: [ReadingPage.Fact]
    let replay: String?
    let dismiss: String?
    let restore: String?
    let bytes: DocumentPage.Bytes
    let hasDecisions: Bool
    let decisions: [DocumentPage.Decision]

    init(
        frame: Frame,
        site: Site,
        operation: QuarantinedOperation,
        bytes: DocumentPage.Bytes,
        decisions: [DecisionRecord],
        refusal: String?,
        mayDecide: Bool,
        siteParameter: String?
    ) {
        let time = SiteTime(site)
        self.frame = frame
        self.bytes = bytes
        isReplayed = operation.replayedAt != nil
        word = isReplayed ? "Shown" : operation.word
        level = isReplayed ? "well" : operation.isDismissed ? "plain" : "problem"
        sentence =
            isReplayed ? "It was read again, and is shown since." : operation.sentence
        code = operation.code
        notice = refusal.map {
            "This Hub cannot show it still: \(QuarantinedOperation.sentence($0))"
        }
        facts = [
            ReadingPage.Fact(name: "Workstation", value: operation.workstation),
            ReadingPage.Fact(
                name: "Kind",
                value: operation.kind,
                note: "version \(operation.version)"
            ),
            ReadingPage.Fact(name: "Number", value: String(operation.place.sequence)),
            ReadingPage.Fact(
                name: "Made",
                value: time.full(operation.createdAt),
                note: "by the PC's clock"
            ),
            ReadingPage.Fact(name: "Received", value: time.full(operation.receivedAt)),
        ]
        let isOpen = mayDecide && !isReplayed
        replay = isOpen ? operation.address(siteParameter, "replay") : nil
        dismiss =
            isOpen && !operation.isDismissed ? operation.address(siteParameter, "dismiss") : nil
        restore =
            isOpen && operation.isDismissed ? operation.address(siteParameter, "restore") : nil
        self.decisions = decisions.map {
            DocumentPage.Decision(sentence: $0.sentence, by: $0.by, at: time.full($0.at))
        }
        hasDecisions = !decisions.isEmpty
    }
}
