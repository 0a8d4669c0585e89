import HTTPTypes
import Hummingbird
import Testing

@testable import Hub

struct OriginRuleTests {
    private func request(_ headers: HTTPFields) -> Request {
        Request(
            head: HTTPRequest(
                method: .post,
                scheme: "http",
                authority: "hub:8443",
                path: "/sign-in",
                headerFields: headers
            ),
            body: RequestBody(buffer: ByteBuffer())
        )
    }

    @Test(arguments: [
        ("http://hub:8443", true), ("https://HUB:8443", true), ("http://hub", false),
        ("http://evil.example", false), ("null", false), ("hub:8443", false),
        ("http://hub:8443/path", false),
    ])
    func `an origin must name the host that the request is for`(origin: String, isAllowed: Bool) {
        let rule = OriginRule(configured: nil)
        #expect(rule.allows(request([.origin: origin])) == isAllowed)
    }

    @Test(arguments: [
        ("same-origin", true), ("same-site", false), ("cross-site", false), ("none", false),
    ])
    func `what the browser says of the site outweighs the origin`(site: String, isAllowed: Bool) {
        let rule = OriginRule(configured: nil)
        let headers: HTTPFields = [.secFetchSite: site, .origin: "http://hub:8443"]
        #expect(rule.allows(request(headers)) == isAllowed)
    }

    @Test func `a request that says nothing is no browser's`() {
        #expect(!OriginRule(configured: nil).allows(request([:])))
    }

    @Test func `behind a proxy the configured origin counts`() {
        let rule = OriginRule(configured: "https://hub.clinic.example")
        #expect(rule.allows(request([.origin: "https://hub.clinic.example"])))
        #expect(!rule.allows(request([.origin: "http://hub:8443"])))
    }
}
