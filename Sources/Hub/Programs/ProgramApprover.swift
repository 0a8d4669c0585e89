import Postgres
import Shared

/// Somebody who may let a program's token in, as far as their sites go.
struct ProgramApprover: Sendable, Equatable {
    let name: String
    /// True where they see every site, also those made later.
    let isForEverySite: Bool
    /// The names of their sites; empty where they see every one.
    let siteNames: [String]

    /// True where they may let the program in: who lets it in sees all that it would.
    func mayLetIn(_ program: Program) -> Bool {
        isForEverySite
            || !program.isForEverySite && Set(program.siteNames).isSubset(of: siteNames)
    }
}

/// For whom a token waits, in words.
struct ProgramWaiting: Sendable {
    /// Those who could let something in, by name.
    let approvers: [ProgramApprover]
    /// The names of every site.
    let sites: [String]

    /// What an administrator has to know of a token that waits.
    func sentence(_ program: Program) -> String {
        let able = approvers.filter { $0.mayLetIn(program) }.map(\.name)
        guard able.isEmpty else {
            let shown = able.prefix(3).joined(separator: ", ")
            let more = able.count > 3 ? " or \(able.count - 3) more" : ""
            return "Waits for \(shown)\(more) to let it in; they are told."
        }
        let wanted = program.isForEverySite ? sites : program.siteNames
        let empty = wanted.filter { site in
            !approvers.contains { $0.isForEverySite || $0.siteNames.contains(site) }
        }
        let nobody =
            program.isForEverySite
            ? "no clinician sees every site" : "no clinician sees all of its sites"
        let without =
            empty.isEmpty
            ? ""
            : "; \(empty.prefix(5).joined(separator: ", ")) "
                + (empty.count == 1 ? "has none at all" : "have none at all")
        return "Nobody can let it in: \(nobody)\(without). Make one program for each clinician’s "
            + "sites, or give one clinician all of them."
    }
}

extension ProgramStore {
    /// For whom tokens that wait can wait.
    func waiting() async throws -> ProgramWaiting {
        let roles = Role.allCases.filter { $0.permissions.contains(.approvePrograms) }
        let people = try await database.query(
            """
            SELECT account.name, every_site,
                ARRAY(SELECT site.name FROM account_site JOIN site ON site.id = site_id
                    WHERE account_id = account.id ORDER BY site.name) AS sites
            FROM account
            WHERE role = ANY(\(roles.map(\.rawValue))::text[]) AND disabled_at IS NULL
                AND password_hash IS NOT NULL
            ORDER BY lower(account.name), account.id LIMIT 500
            """
        ).map { row in
            ProgramApprover(
                name: try row.decode("name"),
                isForEverySite: try row.decode("every_site"),
                siteNames: try row.decode("sites")
            )
        }
        let sites = try await database.query("SELECT name FROM site ORDER BY name")
            .map { try $0.decode("name", as: String.self) }
        return ProgramWaiting(approvers: people, sites: sites)
    }
}
