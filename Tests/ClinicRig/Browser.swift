import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A browser that is signed in: pages, and the event stream of the readings.
package struct Browser: Sendable {
    private let web: String
    private let cookie: String
    private let connections: Connections
    private var http: HTTPClient { connections.http }

    /// Signs in, as the clinician where nobody else is named.
    package init(_ rig: ClinicRig, email: String? = nil) async throws {
        web = rig.web
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        connections = Connections(
            HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        )
        let opened = try await Self.send(
            web,
            "/sign-in",
            [("next", "/"), ("email", email ?? rig.email), ("password", rig.password)],
            cookie: nil,
            by: connections.http
        )
        let form = try await Self.page(web + "/sign-in/factor", cookie: opened, connections.http)
        guard let token = form.firstMatch(of: /name="token" value="([0-9a-f]+)"/)?.1 else {
            throw RigError("no second factor is asked for")
        }
        cookie = try await Self.send(
            web,
            "/sign-in/factor",
            [("token", String(token)), ("code", try await rig.code())],
            cookie: opened,
            by: connections.http
        )
    }

    /// Sends a form of the sign-in and answers the session's cookie.
    private static func send(
        _ web: String,
        _ path: String,
        _ fields: [(String, String)],
        cookie: String?,
        by http: HTTPClient
    ) async throws -> String {
        var request = HTTPClientRequest(url: web + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "origin", value: web)
        request.headers.add(name: "sec-fetch-site", value: "same-origin")
        if let cookie { request.headers.add(name: "cookie", value: cookie) }
        let form = fields.map { "\(escape($0.0))=\(escape($0.1))" }
        request.body = .bytes(ByteBuffer(string: form.joined(separator: "&")))
        let response = try await http.execute(request, timeout: .seconds(30))
        guard response.status.code == 303,
            let set = response.headers["set-cookie"].first(where: { $0.contains("session=") }),
            let cookie = set.split(separator: ";").first
        else { throw RigError("\(path) answered \(response.status.code)") }
        return String(cookie)
    }

    private static func page(
        _ address: String,
        cookie: String,
        _ http: HTTPClient
    ) async throws -> String {
        var request = HTTPClientRequest(url: address)
        request.headers.add(name: "cookie", value: cookie)
        let response = try await http.execute(request, timeout: .seconds(30))
        return String(buffer: try await response.body.collect(upTo: 1024 * 1024))
    }

    private init(_ other: Browser, adding cookie: String) {
        web = other.web
        connections = other.connections
        self.cookie = "\(other.cookie); \(cookie)"
    }

    /// The same browser, with its session, at another address of the same Hub.
    package func at(_ web: String) -> Browser {
        Browser(web, cookie, connections)
    }

    private init(_ web: String, _ cookie: String, _ connections: Connections) {
        self.web = web
        self.cookie = cookie
        self.connections = connections
    }

    /// The same browser, once it has been told by a code at which PC it stands.
    package func standing(at code: String) async throws -> Browser {
        let page = try await get("/station").text
        guard let token = page.firstMatch(of: /name="token" value="([^"]+)"/)?.output.1 else {
            throw RigError("no form on /station")
        }
        let response = try await submit(
            "/station/claim",
            [("token", String(token)), ("code", code)]
        )
        guard response.status.code == 303,
            let cookie = response.headers.first(name: "set-cookie")?.split(separator: ";").first
        else { throw RigError("/station/claim answered \(response.status.code)") }
        return Browser(self, adding: String(cookie))
    }

    /// Ends the connections with the last copy of the browser.
    private final class Connections: Sendable {
        let http: HTTPClient

        init(_ http: HTTPClient) { self.http = http }

        deinit { http.shutdown { _ in } }
    }

    /// A page's status and text.
    package func get(_ path: String) async throws -> (status: Int, text: String) {
        let response = try await http.execute(request(path), timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 16 * 1024 * 1024)
        return (Int(response.status.code), String(buffer: body))
    }

    /// The raw bytes behind a path.
    package func bytes(_ path: String) async throws -> [UInt8] {
        let response = try await http.execute(request(path), timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 16 * 1024 * 1024)
        return Array(body.readableBytesView)
    }

    /// Sends a form; answers the status.
    package func post(_ path: String, _ fields: [(String, String)]) async throws -> Int {
        Int(try await submit(path, fields).status.code)
    }

    private func submit(
        _ path: String,
        _ fields: [(String, String)]
    ) async throws -> HTTPClientResponse {
        var request = request(path)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "origin", value: web)
        let form = fields.map { "\(Self.escape($0.0))=\(Self.escape($0.1))" }
        request.body = .bytes(ByteBuffer(string: form.joined(separator: "&")))
        return try await http.execute(request, timeout: .seconds(30))
    }

    /// Follows the event stream: each whole event's text, as it arrives.
    package func events(
        _ path: String,
        _ receive: @Sendable (String) async -> Bool
    ) async throws {
        let response = try await http.execute(request(path), timeout: .hours(1))
        guard response.status == .ok else {
            throw RigError("\(path) answered \(response.status.code)")
        }
        var rest = ""
        for try await chunk in response.body {
            rest += String(buffer: chunk)
            while let end = rest.firstRange(of: "\n\n") {
                let event = String(rest[..<end.lowerBound])
                rest.removeSubrange(..<end.upperBound)
                guard await receive(event) else { return }
            }
        }
    }

    private func request(_ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: web + path)
        request.headers.add(name: "cookie", value: cookie)
        request.headers.add(name: "sec-fetch-site", value: "same-origin")
        return request
    }

    private static func escape(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
