import Shared
import Testing

@Suite struct IdentityTests {
    @Test func `a new identifier is version 7 and carries its millisecond`() throws {
        var random = Countdown()
        let now = Instant(milliseconds: 0x0193_A5C2_7B1E)
        let identifier = Identifier(now: now, random: &random)
        #expect(identifier.description.hasPrefix("0193a5c2-7b1e-7"))
        #expect(identifier.bytes.count == 16)
        #expect(identifier.bytes[8] >> 6 == 0b10)
        #expect(Identifier(identifier.description) == identifier)
        #expect(Identifier(bytes: identifier.bytes) == identifier)
    }

    @Test func `a later identifier sorts behind an earlier one`() {
        var random = Countdown()
        let earlier = Identifier(now: Instant(milliseconds: 1000), random: &random)
        let later = Identifier(now: Instant(milliseconds: 1001), random: &random)
        #expect(earlier < later)
        #expect(earlier.description < later.description)
    }

    @Test func `the same content has the same identifier, and parts do not run together`() {
        let derived = Identifier(derivedFrom: [[1, 2], [3]])
        #expect(derived == Identifier(derivedFrom: [[1, 2], [3]]))
        #expect(derived != Identifier(derivedFrom: [[1], [2, 3]]))
        #expect(derived != Identifier(derivedFrom: [[1, 2, 3]]))
        #expect(Array(derived.description)[14] == "8")
    }

    @Test(
        arguments: [
            "", "0193a5c2", "0193a5c27b1e7c449d2f4a6b8c0d1e2f",
            "0193a5c2-7b1e-7c44-9d2f-4a6b8c0d1e2g", "0193a5c2-7b1e-7c44-9d2f4-a6b8c0d1e2f",
            "{0193a5c2-7b1e-7c44-9d2f-4a6b8c0d1e2f}",
        ]
    )
    func `other text is no identifier`(text: String) {
        #expect(Identifier(text) == nil)
    }

    @Test func `upper case is read and lower case is printed`() {
        let text = "0193A5C2-7B1E-7C44-9D2F-4A6B8C0D1E2F"
        #expect(Identifier(text)?.description == text.lowercased())
        #expect(Identifier(bytes: [1, 2, 3]) == nil)
    }

    @Test func `a digest is the one that the standard gives`() {
        let digest = Digest256(of: Array("abc".utf8))
        #expect(
            digest.hexadecimal == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(Digest256(of: Array("xabc".utf8).dropFirst()) == digest)
        #expect(Digest256(hexadecimal: digest.hexadecimal.uppercased()) == digest)
        #expect(Digest256(bytes: digest.bytes) == digest)
        #expect(Digest256(zeros: ()).hexadecimal == String(repeating: "0", count: 64))
    }

    @Test(arguments: [
        "", "ab", String(repeating: "0", count: 63), String(repeating: "g", count: 64),
    ])
    func `other text is no digest`(text: String) {
        #expect(Digest256(hexadecimal: text) == nil)
    }

    @Test func `hexadecimal goes there and back, and refuses what it is not`() {
        let bytes: [UInt8] = [0x00, 0x0F, 0xF0, 0xFF]
        #expect(Hexadecimal.encode(bytes) == "000ff0ff")
        #expect(Hexadecimal.decode("000Ff0fF") == bytes)
        #expect(Hexadecimal.decode("0") == nil)
        #expect(Hexadecimal.decode("0x") == nil)
        #expect(Hexadecimal.decode("é0") == nil)
    }
}

/// A generator that counts down, so that tests do not depend on chance.
private struct Countdown: RandomNumberGenerator {
    private var state = UInt64.max

    mutating func next() -> UInt64 {
        defer { state -= 0x0123_4567_89AB }
        return state
    }
}
