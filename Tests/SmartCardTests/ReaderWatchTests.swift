import SmartCard
import Testing

@Suite struct ReaderWatchTests {
    private typealias Flag = ReaderObservation.Flag
    private var watch = ReaderWatch()

    private func seen(
        _ name: String,
        _ flags: UInt32,
        count: UInt32 = 0
    ) -> ReaderObservation {
        ReaderObservation(
            name: name,
            state: flags | Flag.changed | count << 16,
            answerToReset: flags & Flag.present != 0 ? [0x3B, 0] : []
        )
    }

    private func insertion(_ reader: String, _ number: Int) -> CardInsertion {
        CardInsertion(reader: reader, number: number, answerToReset: [0x3B, 0])
    }

    /// A watch that knows the readers `names`, all empty.
    private mutating func begin(_ names: [String]) {
        _ = watch.take(.established)
        _ = watch.take(.listed(names))
        _ = watch.take(.changed(names.map { seen($0, Flag.empty) }))
    }

    @Test mutating func `it waits for readers even where there is none`() {
        #expect(watch.first == .establish)
        let (events, next) = watch.take(.established)
        #expect(events == [.serviceAvailable] && next == .list)
        guard case .wait(let known, ReaderWatch.waitMilliseconds) = watch.take(.listed([])).next
        else {
            Issue.record("it waits")
            return
        }
        #expect(known.map(\.name) == [ReaderObservation.plugAndPlay])
    }

    @Test(arguments: [PCSCCode.timeout, .cancelled, .unknownReader])
    mutating func `every wake-up lists anew`(code: PCSCCode) {
        begin(["A"])
        let (events, next) = watch.take(.failed(code))
        #expect(events == [] && next == .list)
    }

    @Test mutating func `a card that was in at the start is an insertion`() {
        _ = watch.take(.established)
        #expect(watch.take(.listed(["A"])).events == [.readerAdded("A")])
        let (events, next) = watch.take(.changed([seen("A", Flag.present)]))
        #expect(events == [.cardInserted(insertion("A", 1)), .readersKnown] && next == .list)
    }

    @Test mutating func `pulled and put in again between two looks is both`() {
        begin(["A"])
        _ = watch.take(.changed([seen("A", Flag.present, count: 1)]))
        let (events, _) = watch.take(.changed([seen("A", Flag.present, count: 3)]))
        #expect(
            events == [.cardRemoved(insertion("A", 1)), .cardInserted(insertion("A", 2))]
        )
    }

    @Test mutating func `what programs do with a card is no event`() {
        begin(["A"])
        _ = watch.take(.changed([seen("A", Flag.present, count: 1)]))
        for flags in [Flag.inUse, Flag.exclusive | Flag.inUse, 0] {
            #expect(watch.take(.changed([seen("A", Flag.present | flags, count: 1)])).events == [])
        }
    }

    @Test mutating func `a card the wrong way round is told once, and read when it is turned`() {
        begin(["A"])
        let mute = Flag.present | Flag.mute
        #expect(
            watch.take(.changed([seen("A", mute, count: 1)])).events == [.cardMute(reader: "A")]
        )
        #expect(watch.take(.changed([seen("A", mute | Flag.inUse, count: 1)])).events == [])
        #expect(watch.take(.changed([seen("A", Flag.empty, count: 2)])).events == [])
        #expect(
            watch.take(.changed([seen("A", Flag.present, count: 3)])).events
                == [.cardInserted(insertion("A", 1))]
        )
    }

    @Test mutating func `a reader that goes takes its card with it`() {
        begin(["A", "B"])
        _ = watch.take(.changed([seen("A", Flag.present, count: 1)]))
        #expect(
            watch.take(.listed(["B"])).events
                == [.cardRemoved(insertion("A", 1)), .readerRemoved("A")]
        )
        #expect(
            watch.take(.changed([seen("B", Flag.unknown | Flag.unavailable)])).events
                == [.readerRemoved("B")]
        )
    }

    @Test mutating func `a service that goes takes all with it, and is said once`() {
        begin(["A"])
        _ = watch.take(.changed([seen("A", Flag.present, count: 1)]))
        let (events, next) = watch.take(.failed(.commFailed))
        #expect(
            events == [
                .cardRemoved(insertion("A", 1)), .readerRemoved("A"),
                .serviceUnavailable(.commFailed),
            ]
        )
        #expect(next == .pause(milliseconds: 250))
        #expect(watch.take(.rested).next == .establish)
        var pauses: [ReaderWatch.Action] = []
        for _ in 0..<7 { pauses.append(watch.take(.failed(.commFailed)).next) }
        #expect(
            pauses
                == [500, 1000, 2000, 4000, 4000, 4000, 4000].map { .pause(milliseconds: $0) }
        )
        #expect(watch.take(.failed(.noService)).events == [.serviceUnavailable(.noService)])
        #expect(watch.take(.established).events == [.serviceAvailable])
        _ = watch.take(.listed(["A"]))
        // The same card is a new insertion: what was half read is read anew.
        #expect(
            watch.take(.changed([seen("A", Flag.present, count: 0)])).events
                == [.cardInserted(insertion("A", 2)), .readersKnown]
        )
    }

    @Test mutating func `a service that never waits costs no processor`() {
        begin(["A"])
        var pauses = 0
        for _ in 0..<100 {
            let plugAndPlay = seen(ReaderObservation.plugAndPlay, 0, count: 1)
            if case .pause = watch.take(.changed([plugAndPlay])).next { pauses += 1 }
        }
        #expect(pauses == 5)
    }

    @Test mutating func `what pcscd counts of its readers is handed back to it`() {
        begin(["A"])
        _ = watch.take(
            .changed([
                seen(ReaderObservation.plugAndPlay, 0, count: 7), seen("A", Flag.empty, count: 2),
            ])
        )
        guard case .wait(let known, _) = watch.take(.listed(["A"])).next else { return }
        #expect(known.map(\.state) == [7 << 16, 2 << 16 | Flag.empty])
    }

    @Test func `what a code means for a card`() {
        #expect(CardFailure(.removedCard) == .removed && CardFailure(.noCard) == .removed)
        #expect(CardFailure(.resetCard) == .wasReset)
        #expect(CardFailure(.noService) == .serviceLost)
        #expect(CardFailure(.commFailed) == .serviceLost)
        #expect(CardFailure(.notTransacted) == .garbled(.notTransacted))
        #expect(CardFailure(.dataLost) == .garbled(.dataLost))
        #expect(CardFailure(.unresponsiveCard) == .failed(.unresponsiveCard))
    }

    @Test func `another program is waited for without end, a bad contact is not`() {
        var policy = ConnectPolicy()
        for _ in 0..<100 {
            #expect(policy.decide(.sharingViolation) == .waitForOther(milliseconds: 300))
        }
        for _ in 1..<ConnectPolicy.maximumFailures {
            #expect(policy.decide(.unpoweredCard) == .again(milliseconds: 150))
        }
        #expect(policy.decide(.unpoweredCard) == .giveUp(.failed(.unpoweredCard)))
        #expect(policy.decide(.noService) == .giveUp(.serviceLost))
    }
}
