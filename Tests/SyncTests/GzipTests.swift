import Gzip
import Testing

@Suite struct GzipTests {
    @Test(arguments: [0, 1, 1000, 300_000])
    func `what was compressed comes back`(count: Int) throws {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        #expect(try Gzip.decompress(Gzip.compress(content), limit: count) == content)
    }

    @Test func `a bomb costs no more than its cap`() {
        let bomb = Gzip.compress([UInt8](repeating: 0, count: 50_000_000))
        #expect(bomb.count < 100_000)
        #expect(throws: GzipError.tooLarge(limit: 1_000_000)) {
            try Gzip.decompress(bomb, limit: 1_000_000)
        }
    }

    @Test func `content that is cut at any byte is refused`() {
        let compressed = Gzip.compress(Array("a document of a device".utf8))
        for length in 0..<compressed.count {
            #expect(throws: GzipError.self, "cut at \(length)") {
                try Gzip.decompress(Array(compressed.prefix(length)), limit: 1000)
            }
        }
    }

    @Test func `bytes behind the member are refused`() {
        #expect(throws: GzipError.malformed) {
            try Gzip.decompress(Gzip.compress([1, 2, 3]) + [0], limit: 1000)
        }
    }

    @Test func `a damaged checksum is refused`() {
        var compressed = Gzip.compress(Array("a document of a device".utf8))
        compressed[compressed.count - 6] ^= 1
        #expect(throws: GzipError.malformed) { try Gzip.decompress(compressed, limit: 1000) }
    }

    @Test func `text that is no gzip is refused`() {
        #expect(throws: GzipError.malformed) {
            try Gzip.decompress(Array("plain text, long enough".utf8), limit: 1000)
        }
    }

    @Test(arguments: [0, 1, 1000, 300_000], [0, 1, 600])
    func `an end that was compressed first is one member with its beginning`(
        count: Int,
        beginning: Int
    ) throws {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        let head = (0..<beginning).map { UInt8(truncatingIfNeeded: $0 * 31) }
        let member = GzipTail([content]).member(behind: head)
        #expect(try Gzip.decompress(member, limit: count + beginning) == head + content)
        #expect(throws: GzipError.self) {
            try Gzip.decompress(Array(member.dropLast()), limit: count + beginning)
        }
    }

    @Test(arguments: [1, 511, 512, 70_000])
    func `an end of parts is one member, however large each is`(count: Int) throws {
        let parts = (0..<4).map { part in
            (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761 >> 7) &* part) }
        }
        let member = GzipTail(parts).member(behind: [1, 2, 3])
        let whole = [1, 2, 3] + parts.joined()
        #expect(try Gzip.decompress(member, limit: whole.count) == whole)
    }

    @Test func `an end serves more than one beginning`() throws {
        let tail = GzipTail([Array("the ".utf8), [], Array("operations".utf8)])
        for head in ["first ", "second "] {
            let member = tail.member(behind: Array(head.utf8))
            #expect(
                try Gzip.decompress(member, limit: 100) == Array((head + "the operations").utf8)
            )
        }
    }
}
