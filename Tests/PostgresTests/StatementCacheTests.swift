import Testing

@testable import Postgres

@Suite struct StatementCacheTests {
    @Test func `the least recently used statement goes first`() {
        var cache = StatementCache(capacity: 2)
        #expect(cache.insert("a", name: cache.newName()) == nil)
        #expect(cache.insert("b", name: cache.newName()) == nil)
        #expect(cache.name(of: "a") == "statement_1")
        #expect(cache.insert("c", name: cache.newName()) == "statement_2")
        #expect(cache.name(of: "b") == nil)
        #expect(cache.name(of: "a") == "statement_1")
    }

    @Test func `a name is never given twice`() {
        var cache = StatementCache(capacity: 1)
        let first = cache.newName()
        _ = cache.insert("a", name: first)
        #expect(cache.remove("a") == first)
        #expect(cache.newName() != first)
    }

    @Test func `pauses double up to their limit and begin anew after a success`() {
        var backoff = Backoff(first: .milliseconds(100), limit: .milliseconds(350))
        #expect(backoff.pause() == .milliseconds(100))
        #expect(backoff.pause() == .milliseconds(200))
        #expect(backoff.pause() == .milliseconds(350))
        #expect(backoff.pause() == .milliseconds(350))
        backoff.reset()
        #expect(backoff.pause() == .milliseconds(100))
    }
}
