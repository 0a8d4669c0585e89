import Foundation
import Shared
import Testing

@testable import Agent

@Suite struct `Sealing` {
    private let sealer: Sealer
    private let place = Sealer.Place("document", "sealed_name", row: [1, 2, 3])

    init() throws {
        sealer = Sealer(try SealingKey(credential: AgentWorld.key))
    }

    @Test func `what is sealed opens again in its place`() throws {
        let sealed = try sealer.seal(Array("Amina".utf8), at: place)
        #expect(try sealer.open(sealed, at: place) == Array("Amina".utf8))
    }

    @Test func `the same text is never sealed the same way twice`() throws {
        #expect(try sealer.seal([1], at: place) != sealer.seal([1], at: place))
    }

    @Test(arguments: [
        Sealer.Place("document", "sealed_name", row: [1, 2, 4]),
        Sealer.Place("document", "other", row: [1, 2, 3]),
        Sealer.Place("content", "sealed_name", row: [1, 2, 3]),
    ])
    func `sealed bytes that were moved do not open`(_ other: Sealer.Place) throws {
        let sealed = try sealer.seal([1, 2, 3], at: place)
        #expect(throws: SealingError.damaged(table: other.table, column: other.column)) {
            try sealer.open(sealed, at: other)
        }
    }

    @Test func `every changed byte and every cut is noticed`() throws {
        let sealed = try sealer.seal([1, 2, 3, 4], at: place)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SealingError.self) { try sealer.open(changed, at: place) }
            #expect(throws: SealingError.self) { try sealer.open(sealed[..<index], at: place) }
        }
    }

    @Test func `another key opens nothing and hashes paths differently`() throws {
        let other = Sealer(try SealingKey(credential: [UInt8](repeating: 8, count: 32)))
        let sealed = try sealer.seal([1], at: place)
        #expect(throws: SealingError.self) { try other.open(sealed, at: place) }
        #expect(other.pathHashKey(source: "l80") != sealer.pathHashKey(source: "l80"))
        #expect(sealer.pathHashKey(source: "l80") != sealer.pathHashKey(source: "vx100"))
        #expect(sealer.pathHashKey(source: "l80").count == 16)
    }
}
