import Crypto
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct SealingRingTests {
    private let row = Identifier(derivedFrom: [Array("row".utf8)])
    private let other = Identifier(derivedFrom: [Array("other".utf8)])

    @Test func `what was sealed opens in its own place alone`() throws {
        let ring = try SealingRing.sample()
        let sealed = try ring.seal(
            Array("00000000196".utf8),
            at: .init("patient", "number", row: row)
        )
        #expect(
            try ring.open(sealed, at: .init("patient", "number", row: row))
                == Array("00000000196".utf8)
        )
        for place in [
            SealingRing.Place("patient", "number", row: other),
            SealingRing.Place("patient", "photo", row: row),
            SealingRing.Place("card", "number", row: row),
        ] {
            #expect(throws: SealingError.self) { try ring.open(sealed, at: place) }
        }
    }

    @Test func `every altered byte and every cut is noticed`() throws {
        let ring = try SealingRing.sample()
        let place = SealingRing.Place("patient", "number", row: row)
        let sealed = try ring.seal([1, 2, 3], at: place)
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 0x10
            #expect(throws: SealingError.self) { try ring.open(altered, at: place) }
            #expect(throws: SealingError.self) { try ring.open(Array(sealed[..<index]), at: place) }
        }
    }

    @Test func `an older key still opens what it sealed, and the newest one seals`() throws {
        let place = SealingRing.Place("patient", "number", row: row)
        let old = try SealingRing.sample().seal([7], at: place)
        let ring = try SealingRing.sample(fieldKeys: [1: 0x11, 2: 0x22])
        #expect(try ring.open(old, at: place) == [7])
        #expect(SealedMessage.version(of: try ring.seal([7], at: place)) == 2)
    }

    @Test func `a start seals no more than was counted for it`() throws {
        let ring = try SealingRing.sample(allotment: 2)
        let place = SealingRing.Place("patient", "number", row: row)
        _ = try ring.seal([1], at: place)
        _ = try ring.seal([2], at: place)
        #expect(throws: SealingError.keyExhausted) { try ring.seal([3], at: place) }
    }

    @Test func `equal values of one column have equal indexes, and of two columns others`() throws {
        let ring = try SealingRing.sample()
        let index = ring.blindIndex(of: "00000000196", column: "national_number")
        #expect(index.count == 16)
        #expect(index == ring.blindIndex(of: "00000000196", column: "national_number"))
        #expect(index != ring.blindIndex(of: "00000000195", column: "national_number"))
        #expect(index != ring.blindIndex(of: "00000000196", column: "card_number"))
    }

    @Test func `an envelope opens for its own agent, session and event alone`() throws {
        let ring = try SealingRing.sample()
        let key = try #require(ring.envelopeKey)
        let place = Envelope.Place(agent: row, session: other, event: "identity")
        let envelope = try Envelope.seal(Array("Zoë".utf8), to: key, at: place)
        #expect(try ring.open(envelope, from: place) == Array("Zoë".utf8))
        for wrong in [
            Envelope.Place(agent: other, session: other, event: "identity"),
            Envelope.Place(agent: row, session: row, event: "identity"),
            Envelope.Place(agent: row, session: other, event: "address"),
        ] {
            #expect(throws: EnvelopeError.damaged) { try ring.open(envelope, from: wrong) }
        }
        for index in envelope.indices {
            var altered = envelope
            altered[index] ^= 1
            #expect(throws: EnvelopeError.damaged) { try ring.open(altered, from: place) }
        }
    }

    @Test func `an envelope has a cap`() throws {
        let key = try #require(try SealingRing.sample().envelopeKey)
        let place = Envelope.Place(agent: row, session: other, event: "photo")
        #expect(throws: EnvelopeError.tooLarge) {
            try Envelope.seal(
                [UInt8](repeating: 0, count: Envelope.maximumBytes + 1),
                to: key,
                at: place
            )
        }
    }
}

extension SealingRing {
    /// Keys of one repeated byte for each version: for tests alone.
    static func sample(
        fieldKeys: [UInt32: UInt8] = [1: 0x11],
        allotment: Int = 1000
    ) throws -> SealingRing {
        let fields = fieldKeys.mapValues { [UInt8](repeating: $0, count: 32) }
        return try #require(
            SealingRing(
                keys: [
                    .field: fields,
                    .index: [1: [UInt8](repeating: 0x33, count: 32)],
                    .envelope: [1: [UInt8](repeating: 0x44, count: 32)],
                ],
                allotment: allotment
            )
        )
    }
}
