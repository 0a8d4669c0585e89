import Foundation
import Mail
import MailKit
import TestKit
import Testing

/// Against a real mail server, with TLS of a test's own authority; a few processes at a time.
@Suite(.serialized)
struct TransportTests {
    typealias Behaviour = TestMailServer.Behaviour

    private func message() throws -> MailMessage {
        MailMessage(
            from: try #require(Mailbox("Clinic Zuid <gateway@clinic.example>")),
            to: Mailbox(try #require(MailAddress("an@clinic.example")), name: "Zoë Ünal"),
            subject: "Über 10 % = œil",
            body: "Première ligne.\n.\n..two dots\nFrom here\n",
            attachments: [
                MailMessage.Attachment(
                    name: "a.jsonl",
                    type: "text/plain",
                    content: Array("{\"é\":1}\n".utf8)
                )
            ],
            date: 1_795_166_077,
            id: "0193-abc"
        )
    }

    /// Sends the message; answers what went wrong.
    private func failure(_ server: MailServer) async throws -> MailError? {
        do {
            try await MailTransport(server).send(try message())
            return nil
        } catch let error as MailError {
            return error
        }
    }

    private func kind(_ server: MailServer) async throws -> MailError.Kind? {
        try await failure(server)?.kind
    }

    @Test(arguments: [MailServer.Security.starttls, .tls, .none])
    func `a mail arrives as it was written`(security: MailServer.Security) async throws {
        try await TestMailServer.with(Behaviour { $0.security = security }) { server async throws in
            let receipt = try await MailTransport(server.address).send(try message())
            #expect(receipt.answer == "250 OK taken as 1")
            let mail = try #require(try server.mails().first)
            #expect(mail.from == "Clinic Zuid <gateway@clinic.example>")
            #expect(mail.to == "Zoë Ünal <an@clinic.example>")
            #expect(mail.recipients == ["an@clinic.example"])
            #expect(mail.subject == "Über 10 % = œil")
            // With the empty line that a text part ends with.
            #expect(mail.body.hasPrefix("Première ligne.\n.\n..two dots\nFrom here\n"))
            #expect(mail.files.map(\.name) == ["a.jsonl"])
            #expect(mail.files.first?.text.trimmingCharacters(in: .newlines) == "{\"é\":1}")
            #expect(mail.defects.isEmpty)
            #expect(mail.isASCII)
            #expect(mail.longestLine <= 78)
            let kind = security == .none ? "clear" : "tls"
            #expect(
                server.commands().filter { !$0.hasSuffix("EHLO") }
                    == ["\(kind) MAIL", "\(kind) RCPT", "\(kind) DATA"]
            )
        }
    }

    @Test func `it logs in, and a wrong password is told as one`() async throws {
        let login = MailServer.Login(user: "gateway", password: "right one")
        try await TestMailServer.with(Behaviour { $0.login = login }) { server async throws in
            let receipt = try await MailTransport(server.address).send(try message())
            #expect(receipt.didLogIn)
            var wrong = server.address
            wrong.login = MailServer.Login(user: "gateway", password: "wrong one")
            let error = try await failure(wrong)
            #expect(error?.kind == .login)
            #expect(error?.words?.contains("wrong one") != true)
            #expect(error?.isOfServer == true)
            #expect(try server.mails().count == 1)
        }
    }

    @Test func `nothing is ever said in the clear where the server offers no encryption`()
        async throws
    {
        let behaviour = Behaviour {
            $0.hidesTLS = true
            $0.login = MailServer.Login(user: "gateway", password: "secret")
        }
        try await TestMailServer.with(behaviour) { server async throws in
            #expect(try await kind(server.address) == .noTLS)
            #expect(server.commands() == ["clear EHLO"])
        }
    }

    @Test func `a certificate for another name, or of another authority, ends it before the login`()
        async throws
    {
        let login = MailServer.Login(user: "gateway", password: "secret")
        for security in [MailServer.Security.starttls, .tls] {
            let behaviour = Behaviour {
                $0.security = security
                $0.name = "other.example"
                $0.login = login
            }
            try await TestMailServer.with(behaviour) { server async throws in
                #expect(try await kind(server.address) == .certificate)
                #expect(server.commands().allSatisfy { $0.hasSuffix("EHLO") })
            }
            let strange = Behaviour {
                $0.security = security
                $0.login = login
            }
            try await TestMailServer.with(strange) { server async throws in
                var address = server.address
                address.authorities = nil
                #expect(try await kind(address) == .certificate)
                #expect(server.commands().allSatisfy { $0.hasSuffix("EHLO") })
                address.authorities = "/nowhere.pem"
                #expect(try await kind(address) == .authorities)
            }
        }
    }

    @Test(arguments: [
        ("RCPT=550 5.1.1 no such user", MailError.Kind.recipient, 550, true, false),
        ("RCPT=451 4.7.1 later", .recipient, 451, false, false),
        ("MAIL=553 5.7.1 not yours", .sender, 553, false, true),
        ("DATA=554 5.7.1 spam", .message, 554, false, false),
    ])
    func `a refusal says who refused what`(
        refusal: String,
        kind: MailError.Kind,
        status: Int,
        isFinal: Bool,
        isOfServer: Bool
    ) async throws {
        try await TestMailServer.with(Behaviour { $0.refuses = [refusal] }) { server async throws in
            let error = try #require(try await failure(server.address))
            #expect(error.kind == kind)
            #expect(error.status == status)
            #expect(error.isFinal == isFinal)
            #expect(error.isOfServer == isOfServer)
            #expect(error.words == refusal.split(separator: "=").last.map(String.init))
            #expect(error.code == "\(kind.rawValue)-\(status)")
            #expect(try server.mails().isEmpty)
        }
    }

    @Test(arguments: ["MAIL", "RCPT", "DATA"])
    func `a connection that is closed in the middle is told, and nothing is taken`(
        place: String
    )
        async throws
    {
        try await TestMailServer.with(Behaviour { $0.closesAt = place }) { server async throws in
            #expect(try await kind(server.address) == .connectionLost)
            #expect(try server.mails().isEmpty)
        }
    }

    @Test func `a server that says nothing is given up, and one that is away is told`()
        async throws
    {
        try await TestMailServer.with(Behaviour { $0.isSilent = true }) { server async throws in
            var address = server.address
            address.connectSeconds = 1
            address.totalSeconds = 2
            #expect(try await kind(address) == .timedOut)
        }
        let gone = try await TestMailServer.with { server in server.address }
        #expect(try await kind(gone) == .unreachable)
        var nobody = gone
        nobody.host = "no-such-host.invalid"
        #expect(try await kind(nobody) == .nameUnknown)
    }

    @Test func `a mail that nobody wants any more is let go`() async throws {
        try await TestMailServer.with(Behaviour { $0.isSilent = true }) { server async throws in
            let address = server.address
            let message = try message()
            let sending = Task { try await MailTransport(address).send(message) }
            sending.cancel()
            let outcome = await sending.result
            #expect(throws: MailError(.cancelled, words: "Callback aborted")) {
                try outcome.get()
            }
        }
    }
}
