import HTTPTypes
import Hummingbird
import Logging
import Shared

/// The programs that read here: for administrators.
struct ProgramsController: Sendable {
    let programs: ProgramStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/programs", .managePrograms) { try await page($0, form: ProgramForm()) }
        routes.post("/programs", .managePrograms, use: make)
        routes.post("/programs/{id}/rotate", .managePrograms, use: rotate)
        routes.post("/programs/{id}/revoke", .managePrograms, use: revoke)
        routes.post("/programs/{id}/seen", .managePrograms, use: acknowledge)
    }

    private func make(_ visit: Visit) async throws -> Response {
        let form = ProgramForm(visit.form, person: visit.person)
        let made: ProgramStore.Made
        do {
            made = try await programs.make(try form.read(), by: visit.person.account.id)
        } catch let error as ProgramError {
            return try await page(visit, form: form, fault: error)
        }
        return hand(made, name: form.name.trimmed, visit)
    }

    private func rotate(_ visit: Visit) async throws -> Response {
        let program = try await program(visit)
        let made: ProgramStore.Made
        do {
            made = try await programs.rotate(program.id, by: visit.person.account.id)
        } catch let error as ProgramError {
            return try await page(visit, form: ProgramForm(), fault: error)
        }
        return hand(made, name: program.name, visit)
    }

    /// Shows a new token, this once.
    private func hand(_ made: ProgramStore.Made, name: String, _ visit: Visit) -> Response {
        visit.context.logger.notice(
            "token made",
            metadata: ["program": "\(made.program)", "by": "\(visit.person.account.id)"]
        )
        let site = visit.person.sites.first
        return templates.response(
            ProgramTokenPage(
                frame: frame("New token", visit, isBelow: true),
                name: name,
                text: made.token.text,
                until: site.map { SiteTime($0).full(made.until) } ?? made.until.description,
                isWaiting: made.isWaiting
            )
        )
    }

    private func revoke(_ visit: Visit) async throws -> Response {
        let program = try await program(visit)
        guard try await programs.revoke(program.id, by: visit.person.account.id) else {
            throw PageError.notFound
        }
        return .redirect(to: "/programs", type: .normal)
    }

    private func acknowledge(_ visit: Visit) async throws -> Response {
        guard try await programs.acknowledge(program(visit).id) else { throw PageError.notFound }
        return .redirect(to: "/programs", type: .normal)
    }

    private func program(_ visit: Visit) async throws -> Program {
        guard let id = visit.context.parameters.get("id"), Identifier(id) != nil,
            let program = try await programs.find(id)
        else { throw PageError.notFound }
        return program
    }

    private func page(
        _ visit: Visit,
        form: ProgramForm,
        fault: ProgramError? = nil
    ) async throws -> Response {
        templates.response(
            ProgramsPage(
                frame: frame("Programs", visit, isBelow: false),
                programs: try await programs.all(),
                waiting: try await programs.waiting(),
                form: form,
                sites: visit.person.sites,
                fault: fault.map(ProgramsPage.sentence),
                now: clock.now()
            ),
            status: fault == nil ? .ok : .unprocessableContent
        )
    }

    private func frame(_ title: String, _ visit: Visit, isBelow: Bool) -> Frame {
        Frame(
            title,
            place: .programs,
            visit: visit,
            site: nil,
            assets: templates.assets,
            isBelow: isBelow
        )
    }
}

/// What was typed to let a program in.
struct ProgramForm: Sendable {
    var name = ""
    var days = String(ProgramDraft.usualDays)
    var permissions: Set<Permission> = [.readReadings]
    /// The sites that were ticked; nil for every site.
    var siteChoice: [Identifier]?

    init() {}

    /// Fields that the form does not know are left out, and so are sites that are not the person's:
    /// nobody gives a program more sites than they have.
    init(_ form: Fields, person: Person) {
        name = form["name"] ?? ""
        days = form["days"] ?? ""
        permissions = Permission.forPrograms.filter { form[$0.rawValue] != nil }
        let isOnly = person.sites.count == 1
        if !person.account.isForEverySite || (form["every"] == nil && !isOnly) {
            siteChoice = person.sites.map(\.id).filter { isOnly || form["site-\($0)"] != nil }
        }
    }

    /// Throws `ProgramError`.
    func read() throws(ProgramError) -> ProgramDraft {
        guard let days = Int(days) else { throw .lifetime }
        return try ProgramDraft(
            name: name,
            permissions: permissions,
            sites: siteChoice,
            days: days
        )
    }
}
