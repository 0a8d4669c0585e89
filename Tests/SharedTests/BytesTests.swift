import Shared
import Testing

@Suite struct BytesTests {
    private static let text = Array("a\"b\\\"c".utf8)

    @Test(arguments: [
        ("", 0, true), ("a", 0, true), ("b\\", 2, true), ("c", 5, true), ("", 6, true),
        ("b", 0, false), ("a\"b\\\"cd", 0, false), ("c\"", 5, false), ("a", 6, false),
        ("", 7, false),
    ])
    func `bytes stand at a place, and never past the end`(
        other: String,
        start: Int,
        isThere: Bool
    ) {
        let other = Array(other.utf8)
        #expect(other.withUnsafeBufferPointer { Self.text.holds($0, at: start) } == isThere)
    }

    @Test(arguments: [
        ([UInt8](), [UInt8](), true), ([0], [0], true), ([0], [], false), ([0, 1], [0, 2], false),
    ])
    func `the same bytes are told from others`(one: [UInt8], other: [UInt8], areSame: Bool) {
        #expect(one.isSame(as: other) == areSame)
    }

    @Test(arguments: [(0, 1), (1, 1), (2, 4), (5, nil), (6, nil)])
    func `a byte is looked for from a place on`(start: Int, place: Int?) {
        Self.text.withUnsafeBufferPointer {
            #expect($0.firstIndex(of: UInt8(ascii: "\""), from: start) == place)
        }
    }

    @Test func `a byte is looked for in a part, and in nothing`() {
        Self.text.withUnsafeBufferPointer {
            #expect($0.firstIndex(of: UInt8(ascii: "\""), in: 2..<4) == nil)
            #expect($0.firstIndex(of: UInt8(ascii: "\""), in: 2..<5) == 4)
        }
        #expect([UInt8]().withUnsafeBufferPointer { $0.firstIndex(of: 0, from: 0) } == nil)
    }

    @Test(arguments: [
        ([UInt8](), false), ([0x20, 0x7F, 0xFF], false), ([0x1F], true),
        (Array(repeating: 0x61, count: 99) + [0], true),
    ])
    func `control characters are noticed wherever they are`(text: [UInt8], holds: Bool) {
        #expect(text.withUnsafeBufferPointer(\.holdsControls) == holds)
    }
}
