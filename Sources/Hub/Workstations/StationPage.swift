import Shared
import Sync

/// Who is being measured at this PC now: readable at two metres.
struct StationPage: Page {
    static let template = "station"

    struct Now: Sendable, Equatable {
        let context: String
        let name: String
        let number: String
        let isTest: Bool
        let born: String
        let patientAddress: String
        let since: String
        let how: String
    }
    struct Tick: Sendable, Equatable {
        let name: String
        let isThere: Bool
        let time: String
    }
    struct Card: Sendable, Equatable {
        let session: String
        let word: String
        let level: String
        let sentence: String
        let isInReader: Bool
        /// Where its photo is; nil where it is not to be seen.
        let photo: String?
        /// Nil where the Register does not vouch for it, or the patient is known and the same.
        let person: Person?
        let differences: [Difference]
        let patient: String
        let patientVersion: String
        let hasDifferences: Bool
    }
    struct Person: Sendable, Equatable {
        let name: String
        let born: String
        let sex: String
        let number: String
        let address: String?
        let proposals: [Proposal]
        let hasProposals: Bool
    }
    struct Proposal: Sendable, Equatable {
        let id: String
        let name: String
        let born: String
        let number: String
        let isTest: Bool
        let why: String
    }
    struct Difference: Sendable, Equatable {
        let part: String
        let field: String
        let record: String
        let card: String
    }

    let frame: Frame
    /// Nil where this browser stands at no PC yet.
    let workstation: String?
    let isChosen: Bool
    /// What was wrong with the code; nil where none was typed.
    let refusal: String?
    let now: Now?
    let isEmpty: Bool
    let card: Card?
    let ticks: [Tick]
    let live: String
    let formToken: String

    /// The page of a browser that stands at no PC.
    init(frame: Frame, refusal: String?) {
        self.frame = frame
        self.refusal = refusal
        workstation = nil
        isChosen = false
        now = nil
        isEmpty = false
        card = nil
        ticks = []
        live = ""
        formToken = frame.formToken
    }

    /// The page of a PC.
    init(frame: Frame, found: StationView) {
        self.frame = frame
        refusal = nil
        workstation = found.workstation.name
        isChosen = true
        now = found.now
        isEmpty = found.now == nil
        card = found.card
        ticks = found.ticks
        live = "/station/live"
        formToken = frame.formToken
    }
}

/// What the controller found of a PC.
struct StationView: Sendable {
    let workstation: WorkstationStore.Workstation
    let now: StationPage.Now?
    let card: StationPage.Card?
    let ticks: [StationPage.Tick]
}
