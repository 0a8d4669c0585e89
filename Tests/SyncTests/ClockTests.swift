import Foundation
import Shared
import Sync
import Testing

@Suite struct ClockTests {
    private func instant(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    @Test func `a hybrid time follows the clock and never goes back`() {
        var time = HybridTime(bits: 0)
        time = time.next(at: instant(1000))
        #expect(time.bits == 1000 << 16)
        time = time.next(at: instant(1000))
        #expect(time.bits == 1000 << 16 + 1)
        // The clock was set back by a year.
        let back = time.next(at: instant(1))
        #expect(back > time)
        #expect(back.milliseconds == 1000)
        #expect(back.next(at: instant(1001)).bits == 1001 << 16)
    }

    @Test func `more facts in a millisecond than it counts run into the next`() {
        var time = HybridTime(bits: 5 << 16 | 0xFFFF)
        time = time.next(at: instant(5))
        #expect(time.bits == 6 << 16)
    }

    @Test func `a clock that is a little ahead is followed, one that is far ahead is not`() {
        let own = HybridTime(bits: 1_000_000 << 16)
        #expect(own.heard(instant(1_060_000), at: instant(1_000_000)).milliseconds == 1_060_000)
        #expect(own.heard(instant(1_060_001), at: instant(1_000_000)) == own)
        #expect(own.heard(instant(.max / 2), at: instant(1_000_000)) == own)
        #expect(own.heard(instant(5), at: instant(1_000_000)) == own)
    }

    @Test func `a hybrid time is 64 bits as a number`() throws {
        let time = HybridTime(bits: 1_795_167_000_000 << 16 | 7)
        let text = try JSON.encode([time])
        #expect(String(decoding: text, as: UTF8.self) == "[\(1_795_167_000_000 * 65536 + 7)]")
        #expect(try JSON.decode([HybridTime].self, from: text) == [time])
    }

    @Test func `four times give offset and round trip`() throws {
        // The Hub is 5,000 ms ahead; 30 ms there, 200 ms at the Hub, 50 ms back.
        let sample = try #require(
            ClockSample(
                sent: instant(1000),
                taken: instant(6030),
                answered: instant(6230),
                received: instant(1280)
            )
        )
        #expect(sample.roundTrip == 80)
        #expect(sample.offset == 4990)
    }

    @Test func `a Hub that tells one time gives the middle`() throws {
        let sample = try #require(
            ClockSample(
                sent: instant(1000),
                taken: nil,
                answered: instant(1100),
                received: instant(1200)
            )
        )
        #expect(sample.offset == 0)
        #expect(sample.roundTrip == 200)
    }

    @Test func `a clock that was set in between gives none`() {
        #expect(
            ClockSample(
                sent: instant(1000),
                taken: nil,
                answered: instant(0),
                received: instant(900)
            ) == nil
        )
        #expect(
            ClockSample(
                sent: instant(0),
                taken: nil,
                answered: instant(0),
                received: instant(31_536_000_000)
            ) == nil
        )
    }

    @Test(
        arguments: [
            (0, ClockState.good), (2000, .good), (-2000, .good), (2001, .off), (-60_000, .off),
            (60_001, .suspect), (.min, .suspect),
        ] as [(Int64, ClockState)]
    )
    func `an offset is shown above two seconds and suspect above a minute`(
        offset: Int64,
        state: ClockState
    ) {
        #expect(ClockState(offset: offset) == state)
    }

    private let boot = Sample.identifier(1)

    private func correction(
        stored: Int64?,
        sent: Int64?,
        boot: Identifier?,
        clock: Int64,
        received: Int64
    ) -> Int64? {
        let operation = Sync.Operation(
            sequence: 1,
            id: Sample.identifier(2),
            kind: "reading",
            version: 1,
            createdAt: instant(clock),
            payload: [],
            time: OperationTime(hybrid: nil, boot: self.boot, monotonic: stored)
        )
        return ClockCorrection.milliseconds(
            for: operation,
            sentAt: sent,
            boot: boot,
            received: instant(received)
        )
    }

    @Test func `a time of a wrong clock is corrected by how long ago it was`() {
        // Stored 10 s before it was sent, by a clock a year behind.
        let year: Int64 = 31_536_000_000
        #expect(
            correction(stored: 5000, sent: 15_000, boot: boot, clock: 0, received: year + 10_000)
                == year
        )
        #expect(
            correction(stored: 5000, sent: 15_000, boot: boot, clock: year, received: 10_000)
                == -year
        )
    }

    @Test func `a good clock, another start and times that cannot be correct nothing`() {
        #expect(
            correction(stored: 0, sent: 9000, boot: boot, clock: 1000, received: 11_000) == nil
        )
        let other = Sample.identifier(9)
        #expect(
            correction(stored: 0, sent: 9, boot: other, clock: 0, received: 99_999) == nil
        )
        #expect(correction(stored: 9, sent: 0, boot: boot, clock: 0, received: 99_999) == nil)
        #expect(correction(stored: nil, sent: 0, boot: boot, clock: 0, received: 99_999) == nil)
        #expect(correction(stored: 0, sent: nil, boot: boot, clock: 0, received: 99_999) == nil)
        #expect(correction(stored: 0, sent: 0, boot: nil, clock: 0, received: 99_999) == nil)
    }
}
