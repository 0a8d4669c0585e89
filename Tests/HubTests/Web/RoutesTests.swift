import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import Hub

struct RoutesTests {
    /// The routes that nobody need be signed in for; a new one is added here with thought.
    private static let open = [
        "GET /assets/{file}", "GET /join", "GET /sign-in", "POST /join", "POST /sign-in",
    ]

    @Test func `every route but the sign-in page refuses a stranger`() async throws {
        try await PeopleRig.with { rig in
            let table = rig.application.routes.table
            #expect(
                table.filter { $0.permission == .everyone }.map { "\($0.method) \($0.path)" }
                    .sorted() == Self.open
            )
            #expect(table.count > Self.open.count)
            try await rig.test { browser in
                for entry in table where entry.permission != .everyone {
                    let address = entry.path.replacing(/\{[a-z0-9]+\}/, with: "x")
                    let answer =
                        entry.method == "GET"
                        ? try await browser.get(address) : try await browser.post(address, [:])
                    #expect(answer.status == .unauthorized, "\(entry.method) \(entry.path)")
                    #expect(!answer.text.contains("Testcase"))
                }
            }
        }
    }

    @Test func `an address that nothing answers is a page that says so`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let answer = try await browser.get("/nowhere")
                #expect(answer.status == .notFound)
                #expect(answer.text.contains("Nothing is here"))
                #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
            }
        }
    }

    @Test func `a page asked for by a browser leads to the sign-in page and back`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let answer = try await browser.get(
                    "/readings?kind=keratometry",
                    headers: [.accept: "text/html,*/*"]
                )
                #expect(answer.status == .seeOther)
                #expect(
                    answer.headers[.location]
                        == "/sign-in?next=%2Freadings%3Fkind%3Dkeratometry"
                )
            }
        }
    }

    @Test func `every answer carries the headers that make browsers strict`() async throws {
        try await PeopleRig.with {
            $0.isSecure = true
        } _: { rig in
            try await rig.test { browser in
                for address in ["/sign-in", "/nowhere"] {
                    let headers = try await browser.get(address).headers
                    let policy = try #require(headers[.contentSecurityPolicy])
                    #expect(policy.contains("default-src 'none'"))
                    #expect(policy.contains("frame-ancestors 'none'"))
                    #expect(!policy.contains("unsafe"))
                    #expect(headers[.cacheControl] == "no-store")
                    #expect(headers[.xContentTypeOptions] == "nosniff")
                    #expect(headers[.referrerPolicy] == "same-origin")
                    #expect(headers[.crossOriginOpenerPolicy] == "same-origin")
                    #expect(headers[.strictTransportSecurity] == "max-age=31536000")
                }
            }
        }
    }

    @Test func `assets may be kept for ever, other names under them are not found`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let assets = try Assets(folder: Resources.folder.appending(path: "assets"))
                let style = assets.names.style
                let answer = try await browser.get(style)
                #expect(answer.status == .ok)
                #expect(answer.headers[.cacheControl]?.contains("immutable") == true)
                #expect(answer.headers[.contentType] == "text/css; charset=utf-8")
                #expect(try await browser.get("/assets/app.css").status == .notFound)
                #expect(try await browser.get("/assets/..%2F..%2Fetc%2Fpasswd").status == .notFound)
            }
        }
    }
}
