import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Postgres
import Shared
import Synchronization
import TestKit

@testable import Hub

/// A clock that stands still until a test moves it.
final class HandClock: Sendable {
    private let instant: Mutex<Instant>

    init(_ text: String = "2026-11-20T09:14:37.218Z") {
        instant = Mutex(Instant(text) ?? Instant(milliseconds: 0))
    }

    func advance(by duration: Duration) {
        instant.withLock { $0 = $0.advanced(by: duration) }
    }

    var wall: WallClock { WallClock { self.instant.withLock { $0 } } }
}

/// The people's listener on a database of its own, with a clock in the test's hand.
struct PeopleRig: Sendable {
    /// The owner's, past the second wall; the application has the serving role's.
    let database: PostgresClient
    let clock: HandClock
    let application: PeopleApplication
    let accounts: AccountStore
    let apps: AppFactorStore

    /// The secret of everybody's authenticator app.
    static let appSecret = Array("12345678901234567890".utf8)
    static let password = "correct horse battery"
    /// The address that the listener believes it is called by.
    static let origin = "http://localhost"

    static func with(
        _ change: (inout PeopleApplication.Settings) -> Void = { _ in },
        _ body: (PeopleRig) async throws -> Void
    ) async throws {
        try await ServingDatabase.with { database, serving in
            guard let address = ListeningAddress("127.0.0.1:0") else {
                preconditionFailure("an address")
            }
            var settings = PeopleApplication.Settings(address: address)
            change(&settings)
            let clock = HandClock()
            let ring = try SealingRing.sample()
            let hasher = PasswordHasher(
                cost: PasswordHash.Cost(logRounds: 4, blockSize: 8, parallelism: 1)
            )
            try await body(
                PeopleRig(
                    database: database,
                    clock: clock,
                    application: try PeopleApplication(
                        settings,
                        database: serving,
                        hasher: hasher,
                        ring: ring,
                        clock: clock.wall,
                        logger: TemporaryPostgres.logger
                    ),
                    accounts: AccountStore(database: database, clock: clock.wall, hasher: hasher),
                    apps: AppFactorStore(database: database, ring: ring, clock: clock.wall)
                )
            )
        }
    }

    /// Runs `body` with a client that speaks to the router.
    func test(_ body: @Sendable (Browser) async throws -> Void) async throws {
        try await application.server.test(.router) { client in
            try await body(Browser(client: client))
        }
    }

    /// Makes an account with an authenticator app and signs in.
    func signIn(
        _ browser: Browser,
        role: Role = .clinician,
        sites: [Identifier]? = nil
    ) async throws -> SignedIn {
        _ = try await account(role, sites: sites)
        return try await signInAgain(browser, role: role)
    }

    /// Makes an account with an authenticator app.
    func account(_ role: Role, sites: [Identifier]? = nil) async throws -> Account {
        let account = try await accounts.add(
            NewAccount(
                email: "\(role.rawValue)@clinic.example",
                name: "Dr. Test",
                role: role,
                password: Self.password
            ),
            sites: sites
        )
        try await apps.give(account.id, secret: Self.appSecret)
        return account
    }

    /// Signs in with both factors.
    func signInAgain(
        _ browser: Browser,
        role: Role = .clinician,
        headers: HTTPFields = [.origin: PeopleRig.origin]
    ) async throws -> SignedIn {
        let newcomer = try await newcomer(browser, role: role, headers: headers)
        let answer = try await newcomer.post("/sign-in/factor", ["code": code()], headers: headers)
        return SignedIn(browser: browser, cookie: answer.sessionCookie)
    }

    /// Signs in with the password alone.
    func newcomer(
        _ browser: Browser,
        role: Role = .clinician,
        headers: HTTPFields = [.origin: PeopleRig.origin]
    ) async throws -> SignedIn {
        let answer = try await browser.signIn(
            email: "\(role.rawValue)@clinic.example",
            password: Self.password,
            headers: headers
        )
        // The test's clock stands still, and a code counts once.
        try await database.execute("UPDATE authenticator_app SET last_step = 0")
        return SignedIn(browser: browser, cookie: answer.sessionCookie)
    }

    /// What the app shows, some steps from now.
    func code(steps: Int64 = 0) -> String {
        OneTimeCode.code(
            secret: Self.appSecret,
            step: OneTimeCode.step(at: clock.wall.now()) + steps
        )
    }

    /// Calls `body` as a command of the server does: the role that serves, and every right.
    func asCommand<Value>(_ body: (PostgresClient) async throws -> Value) async throws -> Value {
        var configuration = database.configuration
        configuration.user = ServingDatabase.role
        let client = PostgresClient(
            configuration: configuration,
            setting: ServingDatabase.key.setting,
            logger: TemporaryPostgres.logger
        )
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await Scope.command.run { try await body(client) })
        } catch {
            outcome = .failure(error)
        }
        await client.shutDown()
        return try outcome.get()
    }

    /// The site that the first migration makes.
    func site() async throws -> Identifier {
        let rows = try await database.query("SELECT id FROM site WHERE name = 'Clinic'")
        guard let row = rows.first else { throw PageError.noSite }
        return try row.decode("id")
    }
}

/// A browser without a session.
struct Browser: Sendable {
    let client: any TestClientProtocol

    func get(_ address: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await client.executeRequest(uri: address, method: .get, headers: headers, body: nil)
    }

    func post(
        _ address: String,
        _ fields: KeyValuePairs<String, String>,
        headers: HTTPFields = [.origin: PeopleRig.origin]
    ) async throws -> TestResponse {
        let body = fields.map { "\(Address.encode($0))=\(Address.encode($1))" }
            .joined(separator: "&")
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        return try await client.executeRequest(
            uri: address,
            method: .post,
            headers: headers,
            body: ByteBuffer(string: body)
        )
    }

    func signIn(
        email: String,
        password: String,
        headers: HTTPFields = [.origin: PeopleRig.origin]
    ) async throws -> TestResponse {
        try await post("/sign-in", ["email": email, "password": password], headers: headers)
    }
}

/// A browser with a session.
struct SignedIn: Sendable {
    let browser: Browser
    /// `name=value`.
    let cookie: String

    func get(_ address: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        var headers = headers
        headers[.cookie] = cookie
        return try await browser.get(address, headers: headers)
    }

    func post(
        _ address: String,
        _ fields: KeyValuePairs<String, String>
    ) async throws -> TestResponse {
        try await browser.post(
            address,
            fields,
            headers: [.cookie: cookie, .origin: PeopleRig.origin]
        )
    }

    /// Sends a form with the session's token, under headers of the test's own.
    func post(
        _ address: String,
        _ fields: [String: String],
        headers: HTTPFields
    ) async throws -> TestResponse {
        var headers = headers
        let others = headers[.cookie].map { "; \($0)" } ?? ""
        headers[.cookie] = cookie + others
        headers[.contentType] = "application/x-www-form-urlencoded"
        let body = fields.merging(["token": formToken]) { $1 }
            .map { "\(Address.encode($0))=\(Address.encode($1))" }.joined(separator: "&")
        return try await browser.client.executeRequest(
            uri: address,
            method: .post,
            headers: headers,
            body: ByteBuffer(string: body)
        )
    }

    /// The token that the session's forms carry.
    var formToken: String {
        let value = cookie.split(separator: "=").last.map(String.init) ?? ""
        return SessionToken(value)?.formToken ?? ""
    }
}

extension TestResponse {
    /// `name=value` of the session that the answer opens; empty for none.
    var sessionCookie: String {
        headers[values: .setCookie].first { $0.contains("session=") }?
            .split(separator: ";").first.map(String.init) ?? ""
    }
    /// `name=value` of what the browser is known by.
    var browserCookie: String {
        headers[values: .setCookie].first { $0.contains("browser=") }?
            .split(separator: ";").first.map(String.init) ?? ""
    }
    var text: String { String(buffer: body) }
}
