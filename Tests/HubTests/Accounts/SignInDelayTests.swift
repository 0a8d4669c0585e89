import Testing

@testable import Hub

struct SignInDelayTests {
    @Test(arguments: [(1, 0), (3, 0), (4, 1), (5, 2), (6, 4), (10, 64), (14, 900), (1000, 900)])
    func `the wait of one address from one network doubles`(failures: Int, seconds: Int) {
        #expect(SignInScope.pair.delay(after: failures) == .seconds(seconds))
    }

    @Test func `nobody can lock a colleague out for more than a minute`() {
        #expect(SignInScope.account.delay(after: 1_000_000) == .seconds(60))
        #expect(SignInScope.account.delay(after: 20) == .zero)
    }
}
