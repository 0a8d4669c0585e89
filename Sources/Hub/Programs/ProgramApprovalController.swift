import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Tokens that would see patients' data and wait for a clinician to let them in.
///
/// An administrator sees no patient; without this they could, by a token of their own making.
struct ProgramApprovalController: Sendable {
    let programs: ProgramStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/programs/waiting", .approvePrograms, use: list)
        routes.post("/programs/waiting/{id}", .approvePrograms, use: decide)
    }

    private func list(_ visit: Visit) async throws -> Response {
        templates.response(
            ProgramApprovalPage(
                frame: Frame(
                    "Programs that wait",
                    place: nil,
                    visit: visit,
                    site: nil,
                    assets: templates.assets
                ),
                programs: try await programs.waiting(for: visit.person.account),
                now: clock.now()
            )
        )
    }

    private func decide(_ visit: Visit) async throws -> Response {
        guard let token = visit.context.parameters.get("id").flatMap({ Identifier($0) }) else {
            throw PageError.notFound
        }
        let isApproved: Bool
        switch visit.form["decision"] {
        case "approved": isApproved = true
        case "refused": isApproved = false
        default: throw PageError.badRequest
        }
        do {
            try await programs.decide(token, isApproved: isApproved, by: visit.person.account)
        } catch is ProgramError {
            // Decided by somebody else meanwhile, or not theirs to decide: not there for them.
            throw PageError.notFound
        }
        visit.context.logger.notice(
            "token decided",
            metadata: ["token": "\(token)", "by": "\(visit.person.account.id)"]
        )
        return .redirect(to: "/programs/waiting", type: .normal)
    }
}

/// The page of what waits.
struct ProgramApprovalPage: Page {
    static let template = "programs-waiting"

    struct Row: Sendable {
        let name: String
        let allowed: String
        let sites: String
        let until: String
        let isFirst: Bool
        /// Where the decision is sent.
        let action: String
    }

    let frame: Frame
    let rows: [Row]
    let isEmpty: Bool

    init(frame: Frame, programs: [Program], now: Instant) {
        self.frame = frame
        rows = programs.flatMap { program in
            program.tokens.filter { $0.approvedAt == nil }.map { token in
                Row(
                    name: program.name,
                    allowed: ProgramWords.allowed(program),
                    sites: ProgramWords.sites(program),
                    until: shortSpan(token.expiresAt.duration(since: now)),
                    isFirst: token.generation == 1,
                    action: "/programs/waiting/\(token.id)"
                )
            }
        }
        isEmpty = rows.isEmpty
    }
}
