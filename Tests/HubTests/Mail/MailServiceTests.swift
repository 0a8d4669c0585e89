import Mail
import MailKit
import Postgres
import Shared
import TestKit
import Testing

@testable import Hub

@Suite(.serialized)
struct MailServiceTests {
    typealias Behaviour = TestMailServer.Behaviour

    /// Posts a letter without a code.
    private func post(
        _ serving: PostgresClient,
        _ clock: HandClock,
        to recipient: String = "an@clinic.example"
    ) async throws {
        let outbox = MailOutbox(ring: try .sample(), clock: clock.wall, origin: nil)
        try await serving.withTransaction { connection in
            try await outbox.post(
                .newBrowser,
                MailLetter(name: "An", subject: "Subject", body: "Body\n", file: nil),
                to: recipient,
                account: nil,
                connection
            )
        }
    }

    private func states(
        _ serving: PostgresClient,
        _ clock: HandClock
    ) async throws
        -> [MailRecord.State]
    {
        try await MailList(database: serving, clock: clock.wall).newest().map(\.state)
    }

    /// As the Hub itself: its role, and its scope.
    private func with(
        _ body: (PostgresClient, HandClock) async throws -> Void
    ) async throws {
        try await ServingDatabase.with(standing: { .hub }) { _, serving in
            try await body(serving, HandClock())
        }
    }

    @Test func `while the server is away a mail waits longer each time, and then it goes`()
        async throws
    {
        let gone = try await TestMailServer.with { $0 }
        try await with { serving, clock in
            try await post(serving, clock)
            let mailer = try MailService.sample(serving, gone, clock: clock.wall)
            for minutes in [1, 2, 4, 8, 16, 30, 30] as [Int64] {
                #expect(try await mailer.work() == .seconds(minutes * 60))
                let next = clock.wall.now().advanced(by: .seconds(minutes * 60))
                #expect(
                    try await states(serving, clock)
                        == [.waiting(next: next, failure: "unreachable")]
                )
                // Before its time nothing is tried.
                clock.advance(by: .seconds(minutes * 60 - 1))
                #expect(try await mailer.work() == .seconds(1))
                clock.advance(by: .seconds(1))
            }
            #expect(try await MailList(database: serving, clock: clock.wall).failing().count == 1)
            let behaviour = Behaviour { $0.port = gone.address.port }
            try await TestMailServer.with(behaviour) { server in
                let mailer = try MailService.sample(serving, server, clock: clock.wall)
                #expect(try await mailer.work() == nil)
                #expect(try server.mails().count == 1)
                #expect(try await states(serving, clock) == [.sent(clock.wall.now())])
            }
            #expect(try await MailList(database: serving, clock: clock.wall).failing().isEmpty)
        }
    }

    @Test func `where the server fails one mail, the others are not tried on it at once`()
        async throws
    {
        let gone = try await TestMailServer.with { $0 }
        try await with { serving, clock in
            for number in 1...3 { try await post(serving, clock, to: "p\(number)@x.example") }
            let mailer = try MailService.sample(serving, gone, clock: clock.wall)
            #expect(try await mailer.work() == .seconds(60))
            let rows = try await serving.query("SELECT sum(attempts) AS tries FROM mail_message")
            #expect(try rows.first?.decode("tries", as: Int.self) == 1)
        }
    }

    @Test func `a recipient that is refused for good is given up at once, and others still go`()
        async throws
    {
        let refusal = Behaviour { $0.refuses = ["RCPT=550 5.1.1 no such user"] }
        try await with { serving, clock in
            try await TestMailServer.with(refusal) { server in
                try await post(serving, clock)
                try await post(serving, clock, to: "zoë@clinic.example")
                let mailer = try MailService.sample(serving, server, clock: clock.wall)
                #expect(try await mailer.work() == nil)
            }
            let failing = try await MailList(database: serving, clock: clock.wall).failing()
            #expect(
                Set(failing.map { MailRecord.sentence($0.failure) }) == [
                    "the mail server refused the recipient's address (550)",
                    "the address cannot be mailed",
                ]
            )
            #expect(
                try await serving.query("SELECT FROM mail_message WHERE content IS NOT NULL")
                    .isEmpty
            )
            // Once one has arrived there is nothing to be told any more.
            clock.advance(by: .seconds(60))
            try await TestMailServer.with { server in
                try await post(serving, clock)
                _ = try await MailService.sample(serving, server, clock: clock.wall).work()
            }
            let left = try await MailList(database: serving, clock: clock.wall).failing()
            #expect(left.map(\.recipient) == ["zoë@clinic.example"])
        }
    }

    @Test func `after three days a mail is given up, and after ninety more it is forgotten`()
        async throws
    {
        let later = Behaviour { $0.refuses = ["RCPT=451 4.7.1 later"] }
        try await with { serving, clock in
            try await TestMailServer.with(later) { server in
                try await post(serving, clock)
                let mailer = try MailService.sample(serving, server, clock: clock.wall)
                #expect(try await mailer.work() == .seconds(60))
                clock.advance(by: .seconds(3 * 86400 - 1))
                #expect(try await mailer.work() == .seconds(1))
                clock.advance(by: .seconds(1))
                #expect(try await mailer.work() == nil)
                #expect(
                    try await states(serving, clock)
                        == [.givenUp(clock.wall.now(), failure: "recipient-451")]
                )
                clock.advance(by: .seconds(90 * 86400 + 1))
                _ = try await mailer.work()
                #expect(try await states(serving, clock).isEmpty)
            }
        }
    }

    @Test func `a Hub that ended in the middle has lost nothing`() async throws {
        try await with { serving, clock in
            try await post(serving, clock)
            let queue = MailQueue(database: serving, ring: try .sample(), clock: clock.wall)
            #expect(try await queue.take() != nil)
            // Another Hub, or the same after its start.
            #expect(try await queue.take() == nil)
            clock.advance(by: MailQueue.lease)
            try await TestMailServer.with { server in
                _ = try await MailService.sample(serving, server, clock: clock.wall).work()
                #expect(try server.mails().count == 1)
            }
        }
    }

    @Test func `two Hubs send each mail once`() async throws {
        try await with { serving, clock in
            for number in 1...12 { try await post(serving, clock, to: "p\(number)@x.example") }
            try await TestMailServer.with { server in
                let first = try MailService.sample(serving, server, clock: clock.wall)
                let second = try MailService.sample(serving, server, clock: clock.wall)
                async let one = first.work()
                async let two = second.work()
                _ = try await (one, two)
                let recipients = try server.mails().flatMap(\.recipients)
                #expect(recipients.count == 12)
                #expect(Set(recipients).count == 12)
            }
        }
    }

    @Test func `what is put into the outbox is sent by itself, and stopping lets go of the rest`()
        async throws
    {
        try await with { serving, clock in
            try await TestMailServer.with { server in
                let mailer = try MailService.sample(serving, server, clock: clock.wall)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await Scope.hub.run { try await mailer.run() } }
                    for count in 1...3 {
                        try await post(serving, clock)
                        while try server.mails().count < count { await Task.yield() }
                    }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test func `what is undone mails nothing, and who has no right sees no mail`() async throws {
        try await ServingDatabase.with { _, serving in
            let clock = HandClock()
            try await Scope.hub.run {
                await #expect(throws: CancellationError.self) {
                    try await serving.withTransaction { connection in
                        let outbox = MailOutbox(ring: try .sample(), clock: clock.wall, origin: nil)
                        try await outbox.post(
                            .newBrowser,
                            MailLetter(name: nil, subject: "S", body: "B", file: nil),
                            to: "an@clinic.example",
                            account: nil,
                            connection
                        )
                        throw CancellationError()
                    }
                }
                #expect(try await states(serving, clock).isEmpty)
                try await post(serving, clock)
            }
            let seen = try await Scope(.every, [.audit, .disposal]).run {
                try await states(serving, clock)
            }
            #expect(seen.isEmpty)
        }
    }
}

extension MailRecord {
    fileprivate var failure: String? {
        switch state {
        case .waiting(_, let failure), .givenUp(_, let failure): failure
        default: nil
        }
    }
}
