import Shared
import Testing

@testable import DeviceFormats

@Suite struct MutationTests {
    @Test(arguments: Fixture.mutated.map { "\($0.0)/\($0.1)" })
    func `a document with flipped bytes ends in readings or in a typed failure`(path: String) throws
    {
        let parts = path.split(separator: "/").map(String.init)
        let whole = try Fixture.document(
            parts.dropLast().joined(separator: "/"),
            try #require(parts.last)
        )
        var random = SeededRandom(state: 0x5EED)
        var outcomes: Set<String> = []
        for _ in 0..<400 {
            var bytes = whole.bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            let mutated = DeviceDocument(bytes: bytes, name: whole.name)
            _ = DeviceFormats.completeness(of: mutated)
            do throws(DocumentFailure) {
                let decoded = try DeviceFormats.decode(mutated)
                for reading in decoded.readings.map(\.reading) {
                    #expect(reading.values.allSatisfy { $0.value != nil || $0.text != nil })
                    #expect(reading.document.sha256 == Digest256(of: bytes))
                }
                outcomes.insert("decoded")
            } catch {
                outcomes.insert(error.code.rawValue)
            }
        }
        // A recording carries a digest, so that no flipped byte passes.
        #expect(outcomes.contains("decoded") || path.hasSuffix(".rec"))
        #expect(outcomes.count > 1)
    }

    @Test func `every format in the list has a fixture that is mutated`() throws {
        let names = try Fixture.mutated.map { folder, name in
            DeviceFormats.reference(to: try Fixture.document(folder, name)).format
        }
        #expect(Set(names) == Set(DeviceFormats.formats.map { $0.name }))
    }

    @Test func `random bytes are never a reading`() {
        var random = SeededRandom(state: 1)
        for size in 0..<300 {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            let document = DeviceDocument(bytes: bytes, name: "RightWF_Meas_1.txt")
            #expect(failure(of: document) != nil)
        }
    }
}

/// A generator whose numbers are the same in every run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
