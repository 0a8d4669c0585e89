import HTTPTypes
import Hummingbird
import Postgres
import Shared
import Sync

/// The page of the PC at which the browser stands: who is measured there, and whose card it reads.
struct StationController: Sendable {
    let workstations: WorkstationStore
    let contexts: WorkstationContextStore
    let cards: CardSessionStore
    let patients: PatientStore
    let desk: CardDesk
    let views: StationViews
    let stream: StationStream
    let cookie: WorkstationCookie
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/station", .useStation, use: show)
        routes.get("/station/open", .useStation, use: open)
        routes.get("/station/live", .useStation, use: listen)
        routes.get("/station/card/photo", .useStation, use: photo)
        routes.post("/station/claim", .useStation, use: claim)
        routes.post("/station/release", .useStation, use: release)
        routes.post("/station/choose", .useStation, use: choose)
        routes.post("/station/clear", .useStation, use: clear)
        routes.post("/station/card/accept", .managePatients, use: accept)
        routes.post("/station/card/register", .managePatients, use: register)
        routes.post("/station/card/update", .managePatients, use: update)
    }

    private func show(_ visit: Visit) async throws -> Response {
        guard let workstation = try await workstation(of: visit) else {
            let site = try visit.person.site(named: visit.query["site"])
            return templates.response(
                StationPage(frame: frame(visit, site), refusal: nil)
            )
        }
        let site = try visit.person.site(named: workstation.site.description)
        return templates.response(
            StationPage(
                frame: frame(visit, site),
                found: try await views.view(of: workstation, at: site)
            )
        )
    }

    /// Where `clinic-agent open` leads: one click, and the browser remembers.
    private func open(_ visit: Visit) async throws -> Response {
        guard let code = visit.query["code"].flatMap({ WorkstationCode($0) }),
            let workstation = try await workstations.workstation(
                code: code,
                sites: visit.person.sites
            )
        else { return try refuse(visit) }
        let site = try visit.person.site(named: workstation.site.description)
        return templates.response(
            StationOpenPage(
                frame: frame(visit, site),
                workstation: workstation.name,
                code: code.text
            )
        )
    }

    private func claim(_ visit: Visit) async throws -> Response {
        guard let code = visit.form["code"].flatMap({ WorkstationCode($0) }),
            let token = try await workstations.claim(
                code,
                sites: visit.person.sites,
                by: visit.person.account.id
            )
        else { return try refuse(visit) }
        // A browser stands at one PC: the claim that it had before ends.
        if let old = cookie.token(in: visit.request) { try await workstations.release(old) }
        var response = Response.redirect(to: "/station", type: .normal)
        cookie.set(token, on: &response)
        return response
    }

    private func release(_ visit: Visit) async throws -> Response {
        if let token = cookie.token(in: visit.request) { try await workstations.release(token) }
        var response = Response.redirect(to: "/station", type: .normal)
        cookie.clear(on: &response)
        return response
    }

    private func choose(_ visit: Visit) async throws -> Response {
        let workstation = try await standing(visit)
        guard let id = visit.form["patient"].flatMap({ Identifier($0) }),
            let patient = try await patients.patient(id, site: workstation.site)
        else { throw PageError.notFound }
        try await contexts.choose(
            WorkstationContext.Beginning(
                id: clock.identifier(),
                site: workstation.site,
                agent: workstation.agent,
                patient: patient.mergedInto ?? patient.id,
                how: .hand,
                cardSession: nil,
                at: workstation.agentTime(clock.now()),
                by: visit.person.account.id
            )
        )
        return .redirect(to: "/station", type: .normal)
    }

    private func clear(_ visit: Visit) async throws -> Response {
        let workstation = try await standing(visit)
        guard let context = visit.form["context"].flatMap({ Identifier($0) }) else {
            throw PageError.badRequest
        }
        try await contexts.end(
            context,
            at: workstation.agent,
            now: workstation.agentTime(clock.now()),
            by: visit.person.account.id
        )
        return .redirect(to: "/station", type: .normal)
    }

    private func accept(_ visit: Visit) async throws -> Response {
        let (workstation, card) = try await cardAtHand(visit)
        guard let id = visit.form["patient"].flatMap({ Identifier($0) }),
            let patient = try await patients.patient(id, site: workstation.site)
        else { throw PageError.notFound }
        try await desk.accept(card, as: patient, at: workstation, by: visit.person.account.id)
        return .redirect(to: "/station", type: .normal)
    }

    private func register(_ visit: Visit) async throws -> Response {
        let (workstation, card) = try await cardAtHand(visit)
        let site = try visit.person.site(named: workstation.site.description)
        do {
            try await desk.register(
                card,
                at: workstation,
                today: SiteTime(site).local(clock.now()).date,
                by: visit.person.account.id
            )
        } catch is PatientFault {
            throw PageError.cardUnusable
        }
        return .redirect(to: "/station", type: .normal)
    }

    private func update(_ visit: Visit) async throws -> Response {
        let (workstation, card) = try await cardAtHand(visit)
        guard let id = visit.form["patient"].flatMap({ Identifier($0) }),
            let version = visit.form["version"].flatMap({ Int($0) }),
            let patient = try await patients.patient(id, site: workstation.site),
            // What a card says is taken over into the record of its own holder alone.
            card.patient == patient.id
        else { throw PageError.notFound }
        let site = try visit.person.site(named: workstation.site.description)
        let parts = CardComparison.Part.allCases.filter { visit.form[$0.rawValue] == "card" }
        do {
            try await desk.takeOver(
                CardDesk.Choice(card: card, parts: Set(parts), patient: patient, version: version),
                at: workstation,
                today: SiteTime(site).local(clock.now()).date,
                by: visit.person.account.id
            )
        } catch PatientFault.stale {
            throw PageError.recordChanged
        } catch is PatientFault {
            throw PageError.cardUnusable
        }
        return .redirect(to: "/station", type: .normal)
    }

    /// What the staff compare with the person in front of them.
    private func photo(_ visit: Visit) async throws -> Response {
        let workstation = try await standing(visit)
        guard let id = visit.query["session"].flatMap({ Identifier($0) }),
            let photo = try await cards.photo(of: id, at: workstation.agent)
        else { throw PageError.notFound }
        return Response(
            status: .ok,
            headers: [.contentType: "image/jpeg"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: photo))
        )
    }

    private func listen(_ visit: Visit) async throws -> Response {
        try await stream.response(
            agent: try await standing(visit).agent,
            session: visit.person.sessionID,
            visit
        )
    }

    private func refuse(_ visit: Visit) throws -> Response {
        let site = try visit.person.site(named: nil)
        return templates.response(
            StationPage(
                frame: frame(visit, site),
                refusal: "That code is not good: it was used, it is older than five minutes, or "
                    + "it was mistyped. Run clinic-agent open on this PC again."
            ),
            status: .unprocessableContent
        )
    }

    private func workstation(
        of visit: Visit
    ) async throws -> WorkstationStore.Workstation? {
        guard let token = cookie.token(in: visit.request) else { return nil }
        return try await workstations.workstation(token: token, sites: visit.person.sites)
    }

    private func standing(_ visit: Visit) async throws -> WorkstationStore.Workstation {
        guard let workstation = try await workstation(of: visit) else {
            throw PageError.noWorkstation
        }
        return workstation
    }

    private func cardAtHand(
        _ visit: Visit
    ) async throws -> (WorkstationStore.Workstation, CardSession) {
        let workstation = try await standing(visit)
        guard let id = visit.form["session"].flatMap({ Identifier($0) }),
            let card = try await cards.session(id, at: workstation.agent)
        else { throw PageError.notFound }
        // Another card was put in since the page was shown: nobody decides about this one any more.
        let now = workstation.agentTime(clock.now())
        guard try await cards.newest(at: workstation.agent, now: now)?.id == card.id else {
            throw PageError.cardChanged
        }
        let site = try visit.person.site(named: workstation.site.description)
        guard card.outcome != .testCard || site.acceptsTestCards else {
            throw PageError.cardUnusable
        }
        return (workstation, card)
    }

    private func frame(_ visit: Visit, _ site: Site) -> Frame {
        Frame("This PC", place: .station, visit: visit, site: site, assets: templates.assets)
    }
}

/// The confirmation behind `clinic-agent open`.
struct StationOpenPage: Page {
    static let template = "station-open"

    let frame: Frame
    let workstation: String
    let code: String
}

extension PageError {
    /// The browser stands at no PC.
    static let noWorkstation = PageError(
        status: .conflict,
        code: "noWorkstation",
        heading: "Which PC is this?",
        happened: "This browser has not been told at which workstation it stands.",
        kept: "Nothing was changed.",
        next: "Open the page This PC, and tell it once."
    )

    /// The record was changed since the page was shown.
    static let recordChanged = PageError(
        status: .conflict,
        code: "recordChanged",
        heading: "The record has changed meanwhile",
        happened: "Somebody changed this patient’s record since the page was shown.",
        kept: "Nothing was changed by this form.",
        next: "Go back to the page This PC, and look again at what differs."
    )

    /// The page shows a card that is not the one at hand any more.
    static let cardChanged = PageError(
        status: .conflict,
        code: "cardChanged",
        heading: "Another card is here now",
        happened: "The card in the reader has changed since this page was shown.",
        kept: "Nothing was changed.",
        next: "Go back to the page This PC: it shows the card that is in the reader."
    )
}
