import Foundation
import HTTPTypes
import HummingbirdTesting
import Shared
import Testing

@testable import Hub

/// Every route, tried by every role, at their own site and at one that is not theirs.
struct AuthorisationMatrixTests {
    /// The routes that are about the person or the whole clinic and look at no site.
    private static func isWithoutSite(_ entry: Routes.Entry) -> Bool {
        // Below /station the site is that of the PC where the browser stands.
        entry.path.hasPrefix("/account") || entry.path.hasPrefix("/station/")
            || entry.path.hasPrefix("/programs") || entry.path.hasPrefix("/emergenc")
            || ["/", "/confirm", "/sign-out"].contains(entry.path)
    }

    private static func address(_ entry: Routes.Entry, site: Identifier) -> String {
        let id = "0192d3e4-0000-7000-8000-000000000001"
        return entry.path.replacing(/\{[A-Za-z0-9]+\}/, with: id) + "?site=\(site)"
    }

    @Test(arguments: Role.allCases)
    func `a role is let in exactly where the table says`(role: Role) async throws {
        try await PeopleRig.with { rig in
            let own = try await rig.site()
            let foreign = try await rig.secondSite()
            try await rig.test { browser in
                var person = try await rig.signIn(browser, role: role, sites: [own])
                for entry in rig.application.routes.table
                where entry.permission != .everyone && entry.permission != .passwordShown {
                    guard !entry.isForPrograms else {
                        let answer = try await Self.visit(person, entry, site: own)
                        #expect(answer.status == .badRequest, "\(role) \(entry.path)")
                        continue
                    }
                    let isAllowed = role.permissions.contains(entry.permission)
                    let name = "\(role) \(entry.method) \(entry.path)"
                    let answer = try await Self.visit(person, entry, site: own)
                    #expect((answer.status == .forbidden) != isAllowed, "\(name)")
                    #expect(answer.status != .unauthorized, "\(name)")
                    #expect(answer.status.kind != .serverError, "\(name)")
                    #expect(
                        answer.headers[.location]?.hasPrefix("/confirm?") != true,
                        "\(name)"
                    )
                    if Self.ends(entry) {
                        person = try await rig.signInAgain(browser, role: role)
                    }
                    let abroad = try await Self.visit(
                        person,
                        entry,
                        site: foreign,
                        more: "&after=0"
                    )
                    if isAllowed, !Self.isWithoutSite(entry) {
                        #expect(abroad.status == .notFound, "\(name) at a foreign site")
                    } else if !isAllowed {
                        #expect(abroad.status == .forbidden, "\(name) at a foreign site")
                    }
                    if Self.ends(entry) {
                        person = try await rig.signInAgain(browser, role: role)
                    }
                }
            }
        }
    }

    @Test func `every permission is asked for by a route, and held by a role`() async throws {
        try await PeopleRig.with { rig in
            let asked = Set(rig.application.routes.table.map(\.permission))
            let held = Role.allCases.reduce(into: Set<Permission>()) {
                $0.formUnion($1.permissions)
            }
            #expect(asked == Set(Permission.allCases))
            #expect(held == Set(Permission.allCases).subtracting([.passwordShown, .program]))
        }
    }

    @Test(
        arguments: [
            [.readReadings], [.readPatients], [.readReadings, .readPatients],
        ] as [Set<Permission>]
    )
    func `a token is let in exactly where the table says`(
        permissions: Set<Permission>
    )
        async throws
    {
        try await PeopleRig.with { rig in
            let own = try await rig.site()
            let foreign = try await rig.secondSite()
            try await rig.test { browser in
                let program = try await rig.program(browser, permissions, sites: [own])
                for entry in rig.application.routes.table where entry.permission != .everyone {
                    let name = "\(entry.method) \(entry.path)"
                    let answer = try await Self.visit(program, entry, site: own)
                    let abroad = try await Self.visit(program, entry, site: foreign)
                    guard entry.isForPrograms else {
                        #expect(answer.status == .unauthorized, "\(name)")
                        #expect(abroad.status == .unauthorized, "\(name)")
                        continue
                    }
                    let isAllowed =
                        entry.permission == .program || permissions.contains(entry.permission)
                    #expect((answer.status == .forbidden) != isAllowed, "\(name)")
                    #expect(answer.status.kind != .serverError, "\(name)")
                    #expect(answer.status != .unauthorized, "\(name)")
                    if entry.permission == .program {
                        #expect(!answer.text.contains("\(foreign)"), "\(name)")
                    } else {
                        #expect(abroad.status == (isAllowed ? .notFound : .forbidden), "\(name)")
                    }
                }
            }
        }
    }

    @Test func `programs read and change nothing, and hold what people hold at most`()
        async throws
    {
        try await PeopleRig.with { rig in
            for entry in rig.application.routes.table {
                #expect(entry.isForPrograms == entry.path.hasPrefix("/api/"), "\(entry.path)")
                guard entry.isForPrograms else { continue }
                #expect(entry.method == "GET", "\(entry.path)")
                #expect(
                    Permission.forPrograms.union([.program]).contains(entry.permission),
                    "\(entry.path)"
                )
            }
            #expect(Role.clinician.permissions.isSuperset(of: Permission.forPrograms))
            for role in Role.allCases where role != .administrator {
                #expect(!role.permissions.contains(.managePrograms), "\(role)")
            }
            for role in Role.allCases where role != .clinician {
                #expect(!role.permissions.contains(.approvePrograms), "\(role)")
            }
        }
    }

    @Test func `who administers, keeps machines or audits sees no patient`() {
        let clinical: Set<Permission> = [
            .readReadings, .readDocuments, .readPatients, .managePatients, .matchReadings,
            .revealNumbers, .useStation, .sendToDevices, .decideDocuments,
        ]
        for role in [Role.administrator, .it, .auditor, .lab] {
            #expect(role.permissions.isDisjoint(with: clinical), "\(role)")
        }
        for role in Role.allCases where role != .auditor {
            #expect(!role.permissions.contains(.readAudit), "\(role)")
        }
        for role in Role.allCases where role != .administrator {
            #expect(!role.permissions.contains(.manageAccounts), "\(role)")
        }
        for role in Role.allCases where role.permissions.contains(.openEmergency) {
            #expect(role.permissions.isSuperset(of: EmergencyAccess.permissions), "\(role)")
        }
        for role in Role.allCases where role != .clinician {
            #expect(!role.permissions.contains(.revealNumbers), "\(role)")
            #expect(!role.permissions.contains(.decideClinicalSettings), "\(role)")
        }
    }

    private static func visit(
        _ person: SignedIn,
        _ entry: Routes.Entry,
        site: Identifier,
        more: String = ""
    ) async throws -> TestResponse {
        let address = address(entry, site: site) + more
        return entry.method == "GET"
            ? try await person.get(address) : try await person.post(address, [:], headers: .ours)
    }

    private static func visit(
        _ program: TestProgram,
        _ entry: Routes.Entry,
        site: Identifier
    ) async throws -> TestResponse {
        let address = address(entry, site: site)
        guard entry.method == "POST" else { return try await program.get(address) }
        return try await program.browser.post(
            address,
            [:],
            headers: [.origin: PeopleRig.origin, .authorization: "Bearer \(program.token)"]
        )
    }

    /// True for what ends the session that asks.
    private static func ends(_ entry: Routes.Entry) -> Bool {
        ["/sign-out", "/account/sign-out-everywhere"].contains(entry.path)
    }
}
