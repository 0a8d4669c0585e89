import BelgianEID
import Shared
import SmartCard
import Sync
import Testing

@testable import Agent

/// Card readers as the Hub hears of them.
@Suite struct ReaderDevicesTests {
    private let now = Instant(milliseconds: 1_000)
    private let later = Instant(milliseconds: 61_000)
    private let insertion = CardInsertion(reader: "A 00 00", number: 1, answerToReset: [])

    private func board(_ events: [ReaderEvent]) -> CardBoard {
        var board = CardBoard()
        for event in events { board.take(event) }
        return board
    }

    private func attached(_ names: String...) -> CardBoard {
        board([.serviceAvailable] + names.map { .readerAdded($0) } + [.readersKnown])
    }

    @Test(arguments: [
        ("ACS ACR39U ICC Reader 00 00", "ACS ACR39U ICC Reader"),
        ("ACS ACR39U ICC Reader 01 00", "ACS ACR39U ICC Reader"),
        ("Alcor Micro AU9540 (0123AB) 0A 00", "Alcor Micro AU9540 (0123AB)"),
        ("Virtual PCD 00 01", "Virtual PCD/01"), ("Reader", "Reader"), ("", ""),
        ("A reader 12 ab", "A reader 12 ab"), ("00 00", "00 00"),
    ])
    func `a name is stable without what pcscd counts`(name: String, stable: String) {
        #expect(ReaderDevices.stableName(name) == stable)
    }

    @Test func `a reader is ready whatever is read in it, and away when it is pulled out`() {
        var devices = ReaderDevices(.belgium)
        #expect(devices.take(board([]), at: now).isEmpty)
        #expect(devices.take(board([.serviceAvailable, .readerAdded("A 00 00")]), at: now).isEmpty)
        var board = attached("A 00 00")
        let first = devices.take(board, at: now)
        #expect(first.map(\.key) == ["reader:A"] && first.map(\.state) == [.ready])
        #expect(first[0].attachment == .cardReader && first[0].driver == "eid")
        #expect(first[0].adapter.title == "A 00 00" && first[0].since == now)
        board.insert(insertion, at: now)
        #expect(devices.take(board, at: later).isEmpty)
        board.finish(insertion, CardResult(outcome: .genuine, commands: 1, milliseconds: 1))
        #expect(devices.take(board, at: later).isEmpty)
        board.take(.cardRemoved(insertion))
        #expect(devices.take(board, at: later).isEmpty)
        board.take(.readerRemoved("A 00 00"))
        let gone = devices.take(board, at: later)
        #expect(gone.map(\.state) == [.detached] && gone[0].since == later)
        #expect(devices.take(board, at: later).isEmpty)
    }

    @Test func `what keeps a reader from its work is its problem, and goes with it`() {
        var devices = ReaderDevices(.belgium)
        var board = attached("A 00 00")
        _ = devices.take(board, at: now)
        board.take(.cardMute(reader: "A 00 00"))
        let mute = devices.take(board, at: later)
        #expect(mute.map(\.state) == [.failing] && mute[0].problem?.code == "mute")
        #expect(mute[0].since == later)
        board.insert(insertion, at: later)
        #expect(devices.take(board, at: later).map(\.problem) == [nil])
        board.hold(insertion)
        #expect(devices.take(board, at: later).map(\.problem?.code) == ["held"])
        let unreadable = CardOutcome.unreadable(.card(.unsteady))
        board.finish(insertion, CardResult(outcome: unreadable, commands: 1, milliseconds: 1))
        let last = devices.take(board, at: later)
        #expect(last.map(\.state) == [.ready] && last[0].problem?.code == "unreadable")
        // What a card says is no fault of the reader's.
        let next = CardInsertion(reader: "A 00 00", number: 2, answerToReset: [])
        board.insert(next, at: later)
        board.finish(next, CardResult(outcome: .notBelgianEID, commands: 1, milliseconds: 1))
        #expect(devices.take(board, at: later).map(\.problem) == [nil])
    }

    @Test func `without pcscd a reader fails, and is ready again with it`() {
        var devices = ReaderDevices(.belgium)
        _ = devices.take(attached("A 00 00"), at: now)
        let lost = devices.take(board([.serviceUnavailable(.noService)]), at: later)
        #expect(lost.map(\.state) == [.failing] && lost[0].problem?.code == "pcscd")
        #expect(devices.take(board([.serviceUnavailable(.noService)]), at: later).isEmpty)
        // A new pcscd may count otherwise.
        let back = devices.take(attached("A 01 00"), at: later)
        #expect(back.map(\.key) == ["reader:A"] && back.map(\.state) == [.ready])
    }

    @Test func `two that are called alike keep their keys as long as they are in`() {
        var devices = ReaderDevices(.belgium)
        let both = devices.take(attached("A 00 00", "A 01 00"), at: now)
        #expect(both.map(\.key) == ["reader:A", "reader:A#2"])
        let gone = devices.take(attached("A 01 00"), at: later)
        #expect(gone.map(\.key) == ["reader:A"] && gone.map(\.state) == [.detached])
        #expect(devices.take(attached("A 01 00"), at: later).isEmpty)
    }

    @Test func `what the Hub was told before the start is known, and said to be away if it is`() {
        func told(_ key: String, _ title: String, _ state: DeviceFact.State) -> DeviceFact {
            DeviceFact(
                key: key,
                attachment: .cardReader,
                state: state,
                since: now,
                adapter: DeviceFact.Adapter(title: title),
                driver: "eid"
            )
        }
        var devices = ReaderDevices(
            .withTestRoots,
            told: [
                told("reader:A#2", "A 00 00", .ready), told("reader:B", "B 00 00", .ready),
                told("reader:C", "C 00 00", .detached),
                DeviceFact(key: "source:l80", attachment: .folder, state: .ready, since: now),
            ]
        )
        let first = devices.take(attached("A 00 00"), at: later)
        #expect(first.map(\.key) == ["reader:A#2", "reader:B"])
        #expect(first.map(\.state) == [.ready, .detached])
        #expect(first[0].since == now && first[0].driver == "eid-test")
    }
}

/// Who decides whether the photo of a card is read.
@Suite struct CardPolicyTests {
    @Test(arguments: [
        (Bool?.none, true, false), (false, true, false), (true, true, true), (true, false, false),
    ])
    func `the site allows the photo, and the PC can only forbid it`(
        site: Bool?,
        pc: Bool,
        reads: Bool
    ) async throws {
        let world = try AgentWorld()
        let desk = CardDesk(roots: .belgium, readsPhoto: false, clock: world.store.clock)
        let policy = CardPolicy(desk: desk, store: world.store, mayReadPhoto: pc)
        await policy.apply()
        #expect(!desk.readsPhoto)
        let configuration = SiteConfiguration(
            name: "Clinic",
            timeZone: "Europe/Brussels",
            retentionDays: 35,
            readsPhoto: site
        )
        try await tell(configuration, to: world)
        await policy.apply()
        #expect(desk.readsPhoto == reads)
        // Another Hub, or none: what the last one said counts no more.
        let pulled = PulledConfiguration(store: world.store)
        try await pulled.refetch(.hub)
        try await pulled.apply(
            SnapshotReply(
                rows: [],
                position: 0,
                more: false,
                hub: Identifier(derivedFrom: [[9]]),
                serverTime: Instant(milliseconds: 0)
            )
        )
        await policy.apply()
        #expect(!desk.readsPhoto)
    }

    @Test func `a PC that says nothing forbids nothing`() async throws {
        #expect(CardConfiguration().mayReadPhoto)
    }

    private func tell(_ site: SiteConfiguration, to world: AgentWorld) async throws {
        let payload = String(decoding: try JSON.encode(site), as: UTF8.self)
        try await PulledConfiguration(store: world.store).apply(
            PullReply(
                changes: [
                    .init(
                        position: 1,
                        key: SiteConfiguration.key,
                        kind: .put,
                        rowVersion: 1,
                        payload: payload
                    )
                ],
                position: 1,
                more: false,
                hub: Identifier(derivedFrom: []),
                serverTime: Instant(milliseconds: 0)
            )
        )
    }
}
