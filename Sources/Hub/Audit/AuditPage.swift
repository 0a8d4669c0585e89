import Shared

/// Who did what, the newest first.
struct AuditPage: Page {
    static let template = "audit"

    struct Row: Sendable, Equatable {
        let sequence: String
        let time: String
        let day: String
        let person: String
        let isPerson: Bool
        let action: String
        let outcome: String
        let level: String
        let subjectShort: String?
        let subjectAddress: String?
        let network: String
        let reason: String?
        /// Where everything of the same emergency access stands; nil where there was none.
        let emergency: String?
    }
    struct Choice: Sendable, Equatable {
        let id: String
        let name: String
        let isChosen: Bool
    }

    let frame: Frame
    let rows: [Row]
    let isEmpty: Bool
    let people: [Choice]
    let patient: String
    let subject: String
    let refusedOnly: Bool
    let older: String?

    init(
        frame: Frame,
        filter: AuditStore.Filter,
        lines: [AuditStore.Line],
        people: [(id: Identifier, name: String)],
        older: Int64?,
        site: Site,
        now: Instant
    ) {
        let time = SiteTime(site)
        self.frame = frame
        rows = lines.map { line in
            let record = line.record
            let view = time.view(Instant(milliseconds: record.at), now: now)
            return Row(
                sequence: "\(line.sequence)",
                time: view.clock,
                day: view.day,
                person: line.person ?? line.program.map { "program \($0)" } ?? "nobody signed in",
                isPerson: line.person != nil || line.program != nil,
                action: AuditWord.text(record.action),
                outcome: Self.word(record.outcome),
                level: record.outcome == .allowed ? "plain" : "problem",
                subjectShort: record.subject.map { String($0.description.suffix(12)) },
                subjectAddress: record.subject.map { "/audit?subject=\($0)" },
                network: record.network ?? "\u{2014}",
                reason: record.reason,
                emergency: record.emergency.map { "/audit?emergency=\($0)" }
            )
        }
        isEmpty = lines.isEmpty
        self.people = people.map {
            Choice(id: $0.id.description, name: $0.name, isChosen: $0.id == filter.account)
        }
        patient = filter.patient?.description ?? ""
        subject = filter.subject?.description ?? ""
        refusedOnly = filter.refusedOnly
        self.older = older.map { before in
            Address(
                "/audit",
                [
                    "account": filter.account?.description, "subject": filter.subject?.description,
                    "patient": filter.patient?.description,
                    "emergency": filter.emergency?.description,
                    "refused": filter.refusedOnly ? "1" : nil, "before": "\(before)",
                ]
            ).text
        }
    }

    private static func word(_ outcome: AuditRecord.Outcome) -> String {
        switch outcome {
        case .allowed: "done"
        case .denied: "refused"
        case .failed: "failed"
        }
    }
}

/// A recorded action in words; one that has none is shown as it was recorded.
enum AuditWord {
    static func text(_ action: String) -> String {
        switch action {
        case "signIn": "Signed in"
        case "signOut": "Signed out"
        case "factor": "Showed a second factor"
        case "recoveryCode": "Used a recovery code"
        case "passkeyCopied": "Showed a passkey that may have been copied"
        case "newBrowser": "Signed in from a new browser"
        case "appAdded", "POST /account/app": "Set up an authenticator app"
        case "passkeyAdded", "POST /account/passkey": "Added a passkey"
        case "sessionEnded": "Ended one of their sessions"
        case "signOutEverywhere": "Signed out everywhere"
        case "join": "Chose a password with a code"
        case "POST /account/password": "Changed their password"
        case "POST /account/recovery": "Made new recovery codes"
        case "POST /account/app/remove": "Removed their authenticator app"
        case "POST /account/passkeys/{id}/remove": "Removed a passkey of theirs"
        case "GET /accounts": "Looked at who may sign in"
        case "POST /accounts", "clinic-hub user add": "Added a person"
        case "POST /accounts/{id}/invite", "clinic-hub user invite": "Made an invitation"
        case "POST /accounts/{id}/reset", "clinic-hub user reset": "Made a code for a new password"
        case "POST /accounts/{id}/disable", "clinic-hub user disable": "Disabled an account"
        case "POST /accounts/{id}/enable", "clinic-hub user enable": "Enabled an account again"
        case "POST /accounts/{id}/factors": "Asked to take a second factor away"
        case "clinic-hub user reset --second-factor": "Took a person’s second factor away"
        case "emergencyOpened": "Opened another site in an emergency"
        case "emergencyEnded": "Ended an emergency access"
        case "emergencyReviewed": "Reviewed an emergency access"
        case "POST /emergency": "Asked for emergency access"
        case "POST /emergencies/{id}/review": "Reviewed an emergency access"
        case "factorsRemoved": "Took a person’s second factor away"
        case "factorsKept": "Let a person keep their second factor"
        case "POST /accounts/{id}/factors/agree": "Agreed to take a second factor away"
        case "POST /accounts/{id}/factors/carry-out": "Took a second factor away after a day"
        case "POST /accounts/{id}/factors/withdraw": "Took back a wish to remove a factor"
        case "GET /programs": "Looked at which programs may read"
        case "programMade": "Let a program in"
        case "POST /programs/{id}/rotate", "tokenRotated": "Made a new token for a program"
        case "POST /programs/{id}/revoke", "programRevoked": "Ended a program"
        case "tokenApproved": "Let a token see patients’ data"
        case "tokenRefused": "Refused a token"
        case "tokenReused": "Used an old token: the program was ended"
        case "GET /api/v1/readings": "Read the changes of readings"
        case "GET /api/v1/readings/{id}": "Read a reading"
        case "GET /api/v1/patients": "Looked a patient up by number"
        case "GET /api/v1/patients/{id}": "Read a patient’s record"
        case "GET /api/v1/patients/{id}/readings": "Read a patient’s readings"
        case "GET /readings": "Looked at the list of readings"
        case "GET /readings/{id}": "Looked at a reading"
        case "GET /live/readings": "Followed the readings live"
        case "GET /patients": "Searched the patients"
        case "GET /patients/{id}": "Looked at a patient"
        case "POST /patients/{id}/number": "Saw a patient’s national number"
        case "readCard": "A card was read"
        case "restrictRecord": "Restricted a patient’s record"
        case "liftRestriction": "Lifted the restriction of a record"
        case "holdRecord": "Held a record for a claim"
        case "liftHold": "Ended the hold of a record"
        case "exportRestricted": "Exported a restricted record, with the patient’s consent"
        case "GET /retention": "Looked at records whose term is over"
        case "proposeDisposal": "Proposed that a record ends"
        case "withdrawDisposal": "Took the proposal to end a record back"
        case "disposeRecord": "Ended a record whose term is over"
        case "allowPhotos": "Allowed the photos of cards"
        case "forbidPhotos": "Forbade the photos of cards"
        case "acceptTestCards": "Made test cards count"
        case "refuseTestCards": "Made test cards count no more"
        case "GET /patients/{id}/export": "Exported a patient’s record"
        case "GET /patients/{id}/export.json": "Exported a patient’s record as a file"
        case "GET /station": "Looked at who is at a workstation"
        case "GET /station/card/photo": "Saw the photo of a card"
        case "POST /station/card/register": "Registered the holder of a card"
        case "POST /station/card/accept": "Said whose a card is"
        case "POST /station/card/update": "Took over what a card says"
        case "GET /station/live": "Followed who is at a workstation"
        case "GET /audit": "Read the audit"
        default: action
        }
    }
}
