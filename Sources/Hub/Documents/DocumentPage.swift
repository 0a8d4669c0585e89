import Shared
import Sync

/// One document: why it gave no reading, its bytes, and what people decided.
struct DocumentPage: Page {
    static let template = "document"

    /// The bytes of one page, in one of the two forms.
    struct Bytes: Sendable {
        let forms: [Frame.Place]
        let text: String?
        let rows: [ByteView.Row]
        /// `Page 2 of 7`; nil where there is one.
        let position: String?
        let earlier: String?
        let later: String?
    }
    struct Decision: Sendable {
        let sentence: String
        let by: String
        let at: String
    }
    struct Link: Sendable {
        let name: String
        let address: String
    }
    /// What the controller found.
    struct Found: Sendable {
        let record: DocumentRecord
        let content: [UInt8]
        let form: ByteView.Form
        let page: Int
        let decisions: [DecisionRecord]
        let readings: [(kind: ReadingKind, label: String, id: Identifier)]
        let mayDecide: Bool
    }

    let frame: Frame
    let folder: String?
    let word: String
    let level: String
    let sentence: String
    let detail: String?
    let isDismissed: Bool
    let facts: [ReadingPage.Fact]
    let download: String?
    let decode: String?
    let dismiss: String?
    let restore: String?
    let bytes: Bytes?
    let hasReadings: Bool
    let readings: [Link]
    let hasDecisions: Bool
    let decisions: [Decision]

    init(frame: Frame, site: Site, found: Found, siteParameter: String?) {
        let time = SiteTime(site)
        let record = found.record
        let page = DocumentText.page(record.sha256, siteParameter: nil)
        func address(_ end: String) -> String {
            Address("\(page)/\(end)", ["site": siteParameter]).text
        }
        self.frame = frame
        folder = PathText.folder(record.name)
        isDismissed = record.isDismissed
        if let failure = record.failure {
            word = DocumentText.word(failure)
            level = record.isDismissed ? "plain" : "problem"
            sentence = DocumentText.sentence(failure)
            detail = DocumentText.detail(failure)
        } else {
            word = "Read"
            level = "well"
            sentence = "A decoder has read it; its readings are listed below."
            detail = nil
        }
        facts = Self.facts(record, time)
        download =
            record.hasContent
            ? DocumentText.download(record.sha256, siteParameter: siteParameter) : nil
        decode = found.mayDecide && record.hasContent ? address("decode") : nil
        let isFailed = record.failure != nil
        dismiss = found.mayDecide && isFailed && !record.isDismissed ? address("dismiss") : nil
        restore = found.mayDecide && record.isDismissed ? address("restore") : nil
        bytes = record.hasContent ? Bytes(found, page, siteParameter) : nil
        readings = found.readings.map { reading in
            Link(
                name: "\(KindName.text(reading.kind)), \(reading.label)",
                address: Address("/readings/\(reading.id)", ["site": siteParameter]).text
            )
        }
        hasReadings = !readings.isEmpty
        decisions = found.decisions.map {
            Decision(sentence: $0.sentence, by: $0.by, at: time.full($0.at))
        }
        hasDecisions = !decisions.isEmpty
    }

    private static func facts(_ record: DocumentRecord, _ time: SiteTime) -> [ReadingPage.Fact] {
        [
            ReadingPage.Fact(name: "Workstation", value: record.workstation),
            ReadingPage.Fact(name: "Source", value: record.source),
            ReadingPage.Fact(
                name: "Size",
                value: SizeText.text(record.bytes),
                note: record.isPartial ? "only its beginning is kept" : nil
            ),
            ReadingPage.Fact(name: "Read as", value: DocumentText.format(record)),
            ReadingPage.Fact(
                name: "Captured",
                value: time.full(record.capturedAt),
                note: "by the PC's clock"
            ),
            ReadingPage.Fact(name: "Received", value: time.full(record.receivedAt)),
            ReadingPage.Fact(name: "SHA-256", value: record.sha256.hexadecimal),
        ]
    }
}

extension DocumentPage.Bytes {
    fileprivate init(_ found: DocumentPage.Found, _ path: String, _ siteParameter: String?) {
        self.init(found.content, found.form, page: found.page) { form, page in
            Address(
                path,
                [
                    "site": siteParameter, "view": form == .text ? nil : form.rawValue,
                    "page": page == 1 ? nil : String(page),
                ]
            ).text
        }
    }

    /// `address` leads to a page of a form.
    init(
        _ content: [UInt8],
        _ form: ByteView.Form,
        page: Int,
        address: (ByteView.Form, Int) -> String
    ) {
        let pages = ByteView.pages(content.count, form)
        forms = ByteView.Form.allCases.map {
            Frame.Place(name: $0.name, address: address($0, 1), isCurrent: $0 == form)
        }
        text = form == .text ? ByteView.text(content, page: page) : nil
        rows = form == .hex ? ByteView.rows(content, page: page) : []
        position = pages > 1 ? "Page \(page) of \(pages)" : nil
        earlier = page > 1 ? address(form, page - 1) : nil
        later = page < pages ? address(form, page + 1) : nil
    }
}
