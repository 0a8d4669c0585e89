import BelgianEID
import CardKit
import Shared
import SmartCard
import Synchronization
import Testing

@testable import Agent

/// Cards in virtual readers at a real pcscd, as the service reads them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct CardDeskTests {
    @Test func `a card is read once: who it is first, then all of it`() async throws {
        try await VirtualReaders.run { virtual in
            let card = try TestCard()
            let log = try DeskLog(card)
            defer { log.stop() }
            virtual.slots[0].insert(TestApplet(card))
            try await log.wait { $0.ended == [.testCard(.genuine)] }
            #expect(log.state.started == 1 && log.state.identities == ["Specimen"])
            #expect(log.state.municipalities == ["Testgem"] && log.state.photos == 0)
            let read = virtual.slots[0].commands
            virtual.slots[0].remove()
            try await log.wait { $0.removed == 1 }
            #expect(virtual.slots[0].commands == read)
            let status = log.desk.board.status
            #expect(status.service == .available && status.cardsRead == 1)
            #expect(status.readers.map(\.state) == [.empty, .empty])
            #expect(status.readers[0].lastOutcome == "testCard")
        }
    }

    @Test(arguments: [TestApplet.Version.applet11, .applet17])
    func `older cards are read as well`(version: TestApplet.Version) async throws {
        try await VirtualReaders.run { virtual in
            let card = try TestCard(.french, applet: version)
            let log = try DeskLog(card, readsPhoto: true)
            defer { log.stop() }
            virtual.slots[1].insert(TestApplet(card), answerToReset: version.answerToReset)
            try await log.wait { $0.ended == [.testCard(.genuine)] }
            #expect(log.state.identities == ["Échantillon"] && log.state.photos == 1)
            #expect(
                log.desk.board.readers[1].last?.version?.description == "1.\(version.rawValue & 15)"
            )
        }
    }

    @Test func `a card that is pulled at any command is no card, and the next is read`()
        async throws
    {
        try await VirtualReaders.run { virtual in
            let card = try TestCard()
            let log = try DeskLog(card, readsPhoto: true)
            defer { log.stop() }
            var applet = TestApplet(card)
            let commands = TestReading(&applet).conversation.commands
            for number in 1...commands {
                virtual.slots[0].insert(TestApplet(card), pulledAt: number)
                try await log.wait { $0.removed == number }
                #expect(!log.state.ended.contains { $0.isGenuine })
            }
            virtual.slots[0].insert(TestApplet(card))
            try await log.wait { $0.ended.last == .testCard(.genuine) }
            #expect(log.state.ended.dropLast().allSatisfy { $0 == .removedWhileReading })
        }
    }

    @Test(arguments: [TestApplet.Version.applet18, .applet17, .applet11])
    func `everybody's card is read at a reader, of every applet`(
        version: TestApplet.Version
    ) async throws {
        try await VirtualReaders.run { virtual in
            let log = try DeskLog(try TestCard(applet: version), readsPhoto: true)
            defer { log.stop() }
            for (index, person) in TestPerson.all.enumerated() {
                let card = try TestCard(person, applet: version)
                virtual.slots[0].insert(TestApplet(card), answerToReset: version.answerToReset)
                try await log.wait { $0.ended.count == index + 1 }
                #expect(log.state.identities.last == person.surname)
                let isExpired = person.validUntil == TestPerson.expired.validUntil
                #expect(log.state.ended.last == .testCard(isExpired ? .expired : .genuine))
                virtual.slots[0].remove()
                try await log.wait { $0.removed == index + 1 }
            }
            #expect(log.state.photos == TestPerson.all.count)
        }
    }

    @Test(arguments: [TestApplet.Version.applet18, .applet17, .applet11])
    func `every fault of a card is found at a reader, of every applet`(
        version: TestApplet.Version
    ) async throws {
        try await VirtualReaders.run { virtual in
            let log = try DeskLog(try TestCard(applet: version), readsPhoto: true)
            defer { log.stop() }
            for (index, fault) in TestCard.Fault.allCases.enumerated() {
                let card = try TestCard(applet: version, faults: [fault])
                virtual.slots[0].insert(TestApplet(card), answerToReset: version.answerToReset)
                try await log.wait { $0.ended.count == index + 1 }
                let outcome = try #require(log.state.ended.last)
                switch fault {
                case .signature: #expect(outcome.invalid == [.identity, .address])
                case .identity: #expect(outcome.invalid == [.identity])
                case .address, .addressSignature: #expect(outcome.invalid == [.address])
                case .photo: #expect(outcome.invalid == [.photo])
                case .registerForged, .registerIsAuthority:
                    #expect(outcome.invalid == [.rrnCertificate])
                case .tlv, .truncated: #expect(outcome.word == "unreadable")
                case .registerExpired: #expect(outcome == .testCard(.genuine))
                }
                #expect(outcome.isGenuine == (fault == .registerExpired))
                virtual.slots[0].remove()
                try await log.wait { $0.removed == index + 1 }
            }
        }
    }

    @Test func `a slow card keeps nobody waiting: who it is comes first, and it can be pulled`()
        async throws
    {
        try await VirtualReaders.run { virtual in
            let card = try TestCard()
            let log = try DeskLog(card, readsPhoto: true)
            defer { log.stop() }
            virtual.slots[0].insert(TestApplet(card), slow: 60)
            try await log.wait { $0.identities.count == 1 }
            // The desk answers meanwhile, and the other reader is served.
            #expect(log.state.ended.isEmpty && log.desk.board.readers[0].state == .reading)
            virtual.slots[1].insert(TestApplet(card))
            try await log.wait { $0.identities.count == 2 }
            try await log.wait { $0.ended == [.testCard(.genuine), .testCard(.genuine)] }
            virtual.slots[0].insert(TestApplet(card), pulledAt: 30, slow: 60)
            try await log.wait { $0.identities.count == 3 }
            try await log.wait { $0.ended.last == .removedWhileReading && $0.removed == 2 }
        }
    }

    @Test func `a foreign card is answered once and left alone`() async throws {
        try await VirtualReaders.run { virtual in
            let card = try TestCard()
            let log = try DeskLog(card)
            defer { log.stop() }
            var foreign = TestApplet(card)
            for number in 1...20 { foreign.disturbances[number] = [0x6D, 0] }
            virtual.slots[0].insert(foreign, answerToReset: [0x3B, 0x65, 0, 0, 1, 2, 3, 4])
            try await log.wait { $0.ended == [.notBelgianEID] }
            let asked = virtual.slots[0].commands
            // Another card meanwhile, so that time passes and readers are looked at again.
            virtual.slots[1].insert(TestApplet(card))
            try await log.wait { $0.ended == [.notBelgianEID, .testCard(.genuine)] }
            #expect(asked == 1)
            #expect(virtual.slots[0].commands == asked)
            #expect(log.state.started == 2)
        }
    }

    @Test func `a pcscd that dies while a card is read is no end`() async throws {
        try await VirtualReaders.run { virtual in
            let card = try TestCard()
            let log = try DeskLog(card)
            defer { log.stop() }
            let reached = AsyncStream<Void>.makeStream()
            virtual.slots[0].insert(TestApplet(card)) { command in
                if command == 9 { reached.continuation.finish() }
            }
            for await _ in reached.stream {}
            await virtual.kill()
            try await log.wait { $0.removed == 1 || $0.ended.count == 1 }
            try await virtual.start()
            log.desk.relist()
            virtual.slots[0].insert(TestApplet(card))
            try await log.wait { $0.ended.last == .testCard(.genuine) }
        }
    }

    @Test func `nothing of a person is in what the desk keeps`() async throws {
        try await VirtualReaders.run { virtual in
            let card = try TestCard()
            let log = try DeskLog(card)
            defer { log.stop() }
            virtual.slots[0].insert(TestApplet(card))
            try await log.wait { $0.ended.count == 1 }
            var dumped = ""
            dump(log.desk.board, to: &dumped)
            for secret in ["Specimen", "Fictief", "Testgem", TestPerson.dutch.nationalNumber] {
                #expect(!dumped.contains(secret))
            }
        }
    }
}

/// What the desk has said, for tests that wait for it.
final class DeskLog: Sendable {
    struct State: Sendable {
        var started = 0
        var identities: [String] = []
        var municipalities: [String] = []
        var photos = 0
        var ended: [CardOutcome] = []
        var removed = 0
    }

    let desk: CardDesk
    private let mutex = Mutex(State())
    private let task: Task<Void, Never>

    /// A desk that trusts the root of `card`.
    init(_ card: TestCard, readsPhoto: Bool = false) throws {
        let desk = CardDesk(roots: try card.roots, readsPhoto: readsPhoto, clock: .system)
        self.desk = desk
        let readings = desk.readings()
        let (stream, continuation) = AsyncStream<CardReading>.makeStream()
        task = Task {
            for await reading in readings { continuation.yield(reading) }
            continuation.finish()
        }
        self.stream = stream
        desk.start()
    }

    private let stream: AsyncStream<CardReading>

    var state: State { mutex.withLock(\.self) }

    func stop() {
        desk.stop()
        task.cancel()
    }

    /// Takes what is said until it is so.
    func wait(_ condition: (State) -> Bool) async throws {
        guard !condition(state) else { return }
        for await reading in stream {
            mutex.withLock { Self.take(reading, into: &$0) }
            if condition(state) { return }
        }
        Issue.record("the desk has ended: \(state)")
    }

    private static func take(_ reading: CardReading, into state: inout State) {
        switch reading {
        case .started: state.started += 1
        case .identity(_, let report, _):
            state.identities.append(report.identity?.surname ?? "")
        case .ended(_, let outcome, let report, _):
            state.ended.append(outcome)
            if let address = report?.address { state.municipalities.append(address.municipality) }
            if report?.photo != nil { state.photos += 1 }
        case .removed: state.removed += 1
        }
    }
}
