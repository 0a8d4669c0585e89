import Hummingbird
import Logging
import Shared

/// Taking away somebody's second factors: asked by one administrator, agreed to by another or
/// carried out after a day, objected to by the person.
struct FactorRemovalController: Sendable {
    let removals: FactorRemovalStore
    let accounts: AccountStore
    let sessions: SessionStore

    func addRoutes(to routes: inout Routes) {
        routes.post("/accounts/{id}/factors", .manageAccounts) { visit in
            try await act(visit) { try await removals.ask(for: $0, by: $1) }
        }
        routes.post("/accounts/{id}/factors/agree", .manageAccounts) { visit in
            try await act(visit, ends: true) { try await removals.agree(to: $0, by: $1) }
        }
        routes.post("/accounts/{id}/factors/carry-out", .manageAccounts) { visit in
            try await act(visit, ends: true) { try await removals.carryOut($0, by: $1) }
        }
        routes.post("/accounts/{id}/factors/withdraw", .manageAccounts) { visit in
            try await act(visit) { try await removals.end($0, .withdrawn, by: $1) }
        }
        routes.post("/account/factors/object", .signedIn, use: object)
    }

    /// Does something about a person who is not the administrator; their sessions end with their
    /// factors.
    private func act(
        _ visit: Visit,
        ends: Bool = false,
        _ body: (Identifier, Identifier) async throws -> Void
    ) async throws -> Response {
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let account = try await accounts.account(id)
        else { throw PageError.notFound }
        guard account.id != visit.person.account.id else { throw PageError.ownAccount }
        do {
            try await body(account.id, visit.person.account.id)
        } catch let refusal as FactorRemoval.Refusal {
            throw PageError(refusal)
        }
        if ends { _ = try await sessions.end(of: account.id) }
        visit.context.logger.notice(
            "second factor of a person",
            metadata: [
                "account": "\(account.id)", "by": "\(visit.person.account.id)",
                "route": "\(visit.context.endpointPath ?? "none")",
            ]
        )
        return .redirect(to: "/accounts", type: .normal)
    }

    /// The person says no; that they are signed in shows that they have their factor.
    private func object(_ visit: Visit) async throws -> Response {
        let id = visit.person.account.id
        do {
            try await removals.end(id, .objected, by: id)
        } catch is FactorRemoval.Refusal {
            throw PageError.notFound
        }
        return .redirect(to: "/account?done=objected", type: .normal)
    }
}

extension PageError {
    fileprivate init(_ refusal: FactorRemoval.Refusal) {
        switch refusal {
        case .unknown: self = .notFound
        case .already:
            self = PageError(
                status: .conflict,
                code: "removalAsked",
                heading: "That was asked already",
                happened: "An administrator has asked to take away this person’s second factor.",
                kept: "Nothing was changed.",
                next: "Agree to it on the page People, if you are not the one who asked."
            )
        case .notSecond:
            self = PageError(
                status: .conflict,
                code: "secondNeeded",
                heading: "Somebody else has to agree",
                happened: "A second factor is taken away by two administrators: one asks, another "
                    + "agrees, whose account is older than a day.",
                kept: "Nothing was changed.",
                next: "Ask a colleague, or wait until the day has passed."
            )
        case .early:
            self = PageError(
                status: .conflict,
                code: "removalEarly",
                heading: "Not yet",
                happened: "The person has a day to object.",
                kept: "Nothing was changed.",
                next: "Wait until the day has passed, or have another administrator agree."
            )
        }
    }
}
