import Testing

@testable import Hub

struct PasswordHashTests {
    private let cheap = PasswordHash.Cost(logRounds: 4, blockSize: 8, parallelism: 1)
    private let salt = [UInt8](repeating: 7, count: 16)

    @Test func `the stored text brings the hash back, and only the password matches`() throws {
        let hash = try PasswordHash(of: "correct horse", salt: salt, cost: cheap)
        let read = try #require(PasswordHash(hash.text))
        #expect(read == hash)
        #expect(try read.matches("correct horse"))
        #expect(try !read.matches("correct horse "))
        #expect(try !read.matches(""))
    }

    @Test func `a hash that serves costs what is required`() {
        #expect(
            PasswordHash.Cost.standard
                == PasswordHash.Cost(logRounds: 17, blockSize: 8, parallelism: 1)
        )
    }

    @Test func `the result is scrypt's own`() throws {
        // Computed by another implementation: N = 1024, r = 8, p = 1.
        let hash = try PasswordHash(
            of: "pleaseletmein",
            salt: Array("SodiumChloride\0\0".utf8),
            cost: PasswordHash.Cost(logRounds: 10, blockSize: 8, parallelism: 1)
        )
        let expected = "62d22ee665a7a13521db6d8eb057b7723f83348d9621435379f695d2e2a91799"
        #expect(hash.text.hasSuffix("$" + expected))
    }

    @Test func `the same password typed on another keyboard matches`() throws {
        let hash = try PasswordHash(of: "caf\u{E9} caf\u{E9} caf\u{E9}", salt: salt, cost: cheap)
        #expect(try hash.matches("cafe\u{301} cafe\u{301} cafe\u{301}"))
    }

    @Test(arguments: [
        "", "scrypt", "scrypt$17$8$1$00$00", "scrypt$99$8$1$", "bcrypt$4$8$1$00$00",
        "scrypt$4$8$1$zz$zz",
    ])
    func `other text is no hash`(text: String) {
        #expect(PasswordHash(text) == nil)
    }

    @Test func `an address without an account costs a hash too, and never matches`() async throws {
        let hasher = PasswordHasher(cost: cheap)
        #expect(try await !hasher.matches("anything", nil))
        let hash = try await hasher.hash("twelve letters")
        #expect(try await hasher.matches("twelve letters", hash))
    }
}
