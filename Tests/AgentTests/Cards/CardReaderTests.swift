import BelgianEID
import CardKit
import Shared
import SmartCard
import Testing

@testable import Agent

/// Reading a card over a transport that plays what no virtual reader can.
@Suite struct CardReaderTests {
    /// A card whose transport fails at some commands.
    private final class Transport: CardTransport {
        private var applet: TestApplet
        private let failures: [Int: CardFailure]
        private var sent = 0
        private(set) var resets = 0
        private(set) var reconnections = 0
        private var isLost = false

        init(_ applet: TestApplet, _ failures: [Int: CardFailure]) {
            self.applet = applet
            self.failures = failures
        }

        func transmit<Value>(
            _ command: [UInt8],
            _ body: (UnsafeRawBufferPointer) -> Value
        ) throws(CardFailure) -> Value {
            guard !isLost else { throw .removed }
            sent += 1
            if let failure = failures[sent] {
                if case .failed = failure { isLost = true }
                throw failure
            }
            let answer = applet.answer(command)
            return answer.withUnsafeBytes(body)
        }

        func letOthers() throws(CardFailure) {
            if isLost { throw .removed }
        }

        func recover(reset: Bool) throws(CardFailure) {
            if isLost { throw .removed }
            applet.reset()
            if reset { resets += 1 } else { reconnections += 1 }
        }
    }

    private let clock = WallClock { Instant(milliseconds: 20_785 * 86_400_000) }

    private func read(_ transport: Transport, _ card: TestCard) throws -> CardResult {
        var transport = transport
        return CardReader(roots: try card.roots, clock: clock).read(
            &transport,
            answerToReset: card.applet.answerToReset,
            CardFile.allCases
        ) { _, _ in }
    }

    /// How many commands a whole reading takes.
    private func commands(_ card: TestCard) throws -> Int {
        try read(Transport(TestApplet(card), [:]), card).commands
    }

    @Test(arguments: [TestApplet.Version.applet18, .applet17, .applet11])
    func `an exchange that was garbled is begun anew after a reset, whichever it was`(
        version: TestApplet.Version
    ) throws {
        let card = try TestCard(applet: version)
        for number in 1...(try commands(card)) {
            let transport = Transport(TestApplet(card), [number: .garbled(.notTransacted)])
            let result = try read(transport, card)
            #expect(result.outcome == .testCard(.genuine), "command \(number)")
            #expect(transport.resets == 1 && transport.reconnections == 0)
            #expect(result.report?.identity?.surname == "Specimen")
        }
    }

    @Test func `another program's reset is taken note of, and is no reason for one of ours`()
        throws
    {
        let card = try TestCard()
        for number in 1...(try commands(card)) {
            let transport = Transport(TestApplet(card), [number: .wasReset])
            #expect(try read(transport, card).outcome == .testCard(.genuine), "command \(number)")
            #expect(transport.resets == 0 && transport.reconnections == 1)
        }
    }

    @Test func `a card that is garbled a third time is taken out and put in again`() throws {
        let card = try TestCard()
        let transport = Transport(
            TestApplet(card),
            [
                4: .garbled(.notTransacted), 9: .garbled(.notTransacted),
                20: .garbled(.notTransacted),
            ]
        )
        let result = try read(transport, card)
        #expect(result.outcome == .removedWhileReading && result.report == nil)
        #expect(transport.resets == 2)
    }

    @Test func `a reader that goes at any command gives no person`() throws {
        let card = try TestCard()
        let gone = CardFailure.failed(.readerUnavailable)
        for number in 1...(try commands(card)) {
            let result = try read(Transport(TestApplet(card), [number: gone]), card)
            #expect(result.outcome == CardOutcome(gone) && result.report == nil)
            #expect(!result.outcome.isGenuine)
        }
    }

    @Test func `pcscd that goes at any command gives no person`() throws {
        let card = try TestCard()
        for number in 1...(try commands(card)) {
            let result = try read(Transport(TestApplet(card), [number: .serviceLost]), card)
            #expect(result.outcome == CardOutcome(.serviceLost) && result.report == nil)
        }
    }
}
