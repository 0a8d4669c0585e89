import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct EnrolmentPagesTests {
    /// Somebody with a password and no second factor, at the enrolment page.
    private func bare(_ rig: PeopleRig, _ browser: Browser) async throws -> SignedIn {
        _ = try await rig.accounts.add(
            NewAccount(
                email: "clinician@clinic.example",
                name: "Dr. Test",
                role: .clinician,
                password: PeopleRig.password
            )
        )
        return try await rig.newcomer(browser)
    }

    private func secret(_ page: TestResponse) throws -> [UInt8] {
        let text = try #require(
            page.text.firstMatch(of: /<code class="letters">([A-Z2-7 ]+)<\/code>/)
        )
        return try #require(Base32.decode(String(text.1)))
    }

    @Test func `the first sign-in sets up an app and shows recovery codes once`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let newcomer = try await bare(rig, browser)
                #expect(
                    try await newcomer.get("/sign-in/factor").headers[.location]?
                        .hasPrefix("/sign-in/enrol") == true
                )
                let page = try await newcomer.get("/sign-in/enrol")
                #expect(page.status == .ok)
                let secret = try secret(page)
                #expect(try self.secret(try await newcomer.get("/sign-in/enrol")) == secret)
                let picture = try await newcomer.get("/sign-in/enrol/app.svg")
                #expect(picture.headers[.contentType] == "image/svg+xml")
                #expect(picture.headers[.cacheControl] == "no-store")
                #expect(picture.text.hasPrefix("<svg"))
                let wrong = try await newcomer.post(
                    "/sign-in/enrol/app",
                    ["code": "000000"],
                    headers: .ours
                )
                #expect(wrong.status == .unprocessableContent)
                #expect(wrong.sessionCookie.isEmpty)
                let code = OneTimeCode.code(
                    secret: secret,
                    step: OneTimeCode.step(at: rig.clock.wall.now())
                )
                let done = try await newcomer.post(
                    "/sign-in/enrol/app",
                    ["code": code],
                    headers: .ours
                )
                #expect(done.status == .ok)
                let codes = done.text.matches(of: /<code>([0-9A-Z-]{29})<\/code>/)
                    .compactMap { RecoveryCode(String($0.1)) }
                #expect(codes.count == 10)
                let person = SignedIn(browser: browser, cookie: done.sessionCookie)
                #expect(try await person.get("/readings").status == .ok)
                #expect(!(try await person.get("/account").text.contains(codes[0].text)))
                // The code of the enrolment is used up.
                let again = try await rig.newcomerKeepingSteps(browser)
                #expect(
                    try await again.post("/sign-in/factor", ["code": code], headers: .ours).status
                        == .unprocessableContent
                )
            }
        }
    }

    @Test func `who has a second factor cannot set up another with the password alone`()
        async throws
    {
        try await PeopleRig.with {
            $0.relyingParty = RelyingParty(origin: "https://hub.clinic.example")
        } _: { rig in
            try await rig.test { browser in
                _ = try await rig.account(.clinician)
                let newcomer = try await rig.newcomer(browser)
                #expect(
                    try await newcomer.get("/sign-in/enrol").headers[.location]?
                        .hasPrefix("/sign-in/factor") == true
                )
                #expect(try await newcomer.get("/sign-in/enrol/app.svg").status == .forbidden)
                for (address, fields) in [
                    ("/sign-in/enrol/app", ["code": rig.code()]),
                    ("/sign-in/enrol/passkey", SoftPasskey().registration([1])),
                ] {
                    let answer = try await newcomer.post(address, fields, headers: .ours)
                    #expect(answer.status == .forbidden)
                    #expect(answer.sessionCookie.isEmpty)
                }
            }
        }
    }

    @Test func `a passkey is set up, signs in, and answers each challenge once`() async throws {
        try await PeopleRig.with {
            $0.relyingParty = RelyingParty(origin: "https://hub.clinic.example")
        } _: { rig in
            try await rig.test { browser in
                let newcomer = try await bare(rig, browser)
                var key = SoftPasskey()
                let offered = try challenge(try await newcomer.get("/sign-in/enrol"))
                var unverified = key
                unverified.flags = 0x01
                let refused = try await newcomer.post(
                    "/sign-in/enrol/passkey",
                    unverified.registration(offered),
                    headers: .ours
                )
                #expect(refused.status == .unprocessableContent)
                // That answer used the challenge up.
                #expect(
                    try await newcomer.post(
                        "/sign-in/enrol/passkey",
                        key.registration(offered),
                        headers: .ours
                    ).status == .unprocessableContent
                )
                let fresh = try challenge(try await newcomer.get("/sign-in/enrol"))
                let done = try await newcomer.post(
                    "/sign-in/enrol/passkey",
                    key.registration(fresh),
                    headers: .ours
                )
                #expect(done.status == .ok)
                #expect(!done.sessionCookie.isEmpty)

                let returning = try await rig.newcomer(browser)
                let asked = try challenge(try await returning.get("/sign-in/factor"))
                key.counter = 1
                let answer = try key.assertion(asked)
                let opened = try await returning.post("/sign-in/factor", answer, headers: .ours)
                #expect(opened.status == .seeOther)
                let replayed = try await rig.newcomer(browser)
                _ = try await replayed.get("/sign-in/factor")
                #expect(
                    try await replayed.post("/sign-in/factor", answer, headers: .ours).status
                        == .unprocessableContent
                )
                // Somebody with a copy of the authenticator counts on from where it was copied.
                let asked2 = try challenge(try await replayed.get("/sign-in/factor"))
                let copied = try await replayed.post(
                    "/sign-in/factor",
                    try key.assertion(asked2),
                    headers: .ours
                )
                #expect(copied.status == .unprocessableContent)
                #expect(copied.text.contains("may have been copied"))
            }
        }
    }

    @Test func `a passkey of a colleague is none of one's own`() async throws {
        try await PeopleRig.with {
            $0.relyingParty = RelyingParty(origin: "https://hub.clinic.example")
        } _: { rig in
            try await rig.test { browser in
                let newcomer = try await bare(rig, browser)
                let key = SoftPasskey()
                let offered = try challenge(try await newcomer.get("/sign-in/enrol"))
                _ = try await newcomer.post(
                    "/sign-in/enrol/passkey",
                    key.registration(offered),
                    headers: .ours
                )
                let colleague = try await rig.account(.it)
                _ = try await PasskeyStore(database: rig.database, clock: rig.clock.wall).add(
                    try AuthenticatorData(
                        Array(SoftPasskey(id: [1, 2, 3]).attestation.dropFirst(31))
                    ),
                    to: colleague.id,
                    name: "theirs"
                )
                let other = try await rig.newcomer(browser, role: .it)
                let asked = try challenge(try await other.get("/sign-in/factor"))
                let answer = try await other.post(
                    "/sign-in/factor",
                    try key.assertion(asked),
                    headers: .ours
                )
                #expect(answer.status == .unprocessableContent)
            }
        }
    }

    private func challenge(_ page: TestResponse) throws -> [UInt8] {
        let text = try #require(page.text.firstMatch(of: /data-challenge="([A-Za-z0-9_-]+)"/))
        return try #require(Base64URL.decode(String(text.1)))
    }
}

extension PeopleRig {
    /// The password alone, and the last code stays the last.
    func newcomerKeepingSteps(_ browser: Browser) async throws -> SignedIn {
        let answer = try await browser.signIn(
            email: "clinician@clinic.example",
            password: Self.password
        )
        return SignedIn(browser: browser, cookie: answer.sessionCookie)
    }
}
