import Shared
import Sync
import Testing

@Suite struct RenewalWayTests {
    private let now = Sample.time

    private func way(daysLeft: Int) -> RenewalWay {
        RenewalWay(expiresAt: now.advanced(by: .seconds(daysLeft * 86400)), now: now)
    }

    @Test func `a certificate is renewed in its last third, and late when it is over`() {
        #expect(way(daysLeft: 31) == .none)
        #expect(way(daysLeft: 29) == .ordinary)
        #expect(way(daysLeft: 0) == .late)
        #expect(way(daysLeft: -100) == .late)
    }

    @Test func `where TLS ends the connection the late way is tried`() {
        #expect(RenewalWay.ordinary.next(after: .unreachable("tls")) == .late)
        #expect(RenewalWay.ordinary.next(after: .certificate) == .late)
        #expect(RenewalWay.ordinary.next(after: .revoked) == nil)
        #expect(RenewalWay.ordinary.next(after: .busy(retryAfterSeconds: 5)) == nil)
        #expect(RenewalWay.late.next(after: .unreachable("tls")) == nil)
    }
}
