import BelgianEID
import CardKit
import Foundation
import Shared
import SmartCard
import Testing

@testable import Agent

@Suite struct CardBoardTests {
    private let insertion = CardInsertion(reader: "A", number: 1, answerToReset: [])
    private let now = Instant(milliseconds: 1_000)

    private func board(_ events: [ReaderEvent]) -> CardBoard {
        var board = CardBoard()
        for event in events { board.take(event) }
        return board
    }

    @Test func `a reader shows what it is doing`() {
        var board = board([.serviceAvailable, .readerAdded("B"), .readerAdded("A"), .readersKnown])
        #expect(board.readers.map(\.name) == ["A", "B"] && board.readers[0].state == .empty)
        board.insert(insertion, at: now)
        #expect(board.readers[0].state == .reading)
        board.hold(insertion)
        #expect(board.readers[0].state == .held)
        board.finish(insertion, CardResult(outcome: .expired, commands: 3, milliseconds: 4))
        #expect(board.readers[0].state == .done && board.cardsRead == 1)
        board.take(.cardRemoved(insertion))
        #expect(board.readers[0].state == .empty && board.readers[0].last?.outcome == .expired)
        board.take(.cardMute(reader: "A"))
        #expect(board.readers[0].state == .mute)
    }

    @Test func `a result that comes after its card is not the next card's`() {
        var board = board([.serviceAvailable, .readerAdded("A")])
        board.insert(insertion, at: now)
        let next = CardInsertion(reader: "A", number: 2, answerToReset: [])
        board.insert(next, at: now)
        board.finish(insertion, CardResult(outcome: .genuine, commands: 1, milliseconds: 1))
        #expect(board.readers[0].state == .reading)
        #expect(board.seat(of: insertion) == nil && board.seat(of: next)?.number == 2)
    }

    @Test func `the day is Belgium's`() throws {
        func day(_ text: String) throws -> CalendarDate {
            CardReader.day(try #require(Instant(text)))
        }
        #expect(try day("2026-07-01T21:59:59Z") == CalendarDate("2026-07-01"))
        #expect(try day("2026-07-01T22:00:00Z") == CalendarDate("2026-07-02"))
        #expect(try day("2026-12-31T22:59:59Z") == CalendarDate("2026-12-31"))
        #expect(try day("2026-12-31T23:00:00Z") == CalendarDate("2027-01-01"))
        #expect(try day("1969-12-31T22:00:00Z") == CalendarDate("1969-12-31"))
    }

    @Test func `doctor says what to do`() {
        func finding(_ board: CardBoard?, isInstalled: Bool = true) -> DoctorFinding {
            CardChecks.finding(board, isInstalled: isInstalled)
        }
        #expect(finding(nil).verdict == .ok)
        let away = board([.serviceUnavailable(.noService)])
        #expect(finding(away).verdict == .warning)
        #expect(finding(away).fix == "systemctl enable --now pcscd.socket")
        #expect(finding(away, isInstalled: false).verdict == .ok)
        let refused = board([.serviceUnavailable(.notAuthorised)])
        #expect(finding(refused).fix?.contains("60-clinic-agent.rules") == true)
        let mute = board([.serviceAvailable, .readerAdded("A"), .cardMute(reader: "A")])
        #expect(finding(mute).verdict == .warning)
        let fine = board([.serviceAvailable, .readerAdded("A")])
        #expect(finding(fine).detail == "pcscd runs: A.")
    }

    @Test func `doctor does not let a test root be forgotten`() async throws {
        let desk = CardDesk(roots: .belgium, readsPhoto: false, clock: .system)
        #expect(CardChecks(desk: desk).checks.map(\.name) == ["cards"])
        #expect(CardChecks(desk: nil, testRoots: ["/a.pem"]).checks.map(\.name) == ["cards"])
        let checks = CardChecks(desk: desk, testRoots: ["/a.pem"]).checks
        #expect(checks.map(\.name) == ["cards", "test cards"])
        let finding = await checks[1].look()
        #expect(finding.verdict == .warning && finding.fix?.contains("card.testRoots") == true)
    }

    @Test func `the report of the command has the words of its contract`() throws {
        var board = board([.serviceAvailable, .readerAdded("A"), .readerAdded("B")])
        board.insert(insertion, at: now)
        board.finish(
            insertion,
            CardResult(
                outcome: .testCard(.signatureInvalid([.identity, .address])),
                version: AppletVersion(answerToReset: TestApplet.Version.applet18.answerToReset),
                commands: 36,
                milliseconds: 12
            )
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json = String(decoding: try encoder.encode(CardInspectionReport(board)), as: UTF8.self)
        let card =
            #"{"apdus":36,"applet":"1.8","genuine":false,"invalid":["identity","address"],"#
            + #""kind":"belgianEID","milliseconds":12,"outcome":"testCard"}"#
        #expect(
            json == #"{"readers":[{"card":\#(card),"name":"A"},{"card":null,"name":"B"}]}"#
        )
    }

    @Test func `a test root that is none is a fault of the configuration`() throws {
        #expect(throws: ConfigurationError.self) {
            try CardConfiguration.roots(files: ["/nowhere/root.pem"], key: "card.testRoots")
        }
        let folder = try TemporaryFolder()
        let path = folder.path + "/root.pem"
        try folder.write(Array(try TestCard().authority.rootPEM.utf8), to: "root.pem")
        _ = try CardConfiguration.roots(files: [path], key: nil)
        try folder.write(Array("nonsense".utf8), to: "root.pem")
        #expect(throws: ConfigurationError.self) {
            try CardConfiguration.roots(files: [path], key: nil)
        }
    }
}
