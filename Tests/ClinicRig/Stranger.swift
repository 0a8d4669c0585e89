import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Somebody without a session who sends forms to the Hub, over one connection.
package struct Stranger: Sendable {
    private let web: String
    private let http: HTTPClient

    package init(_ rig: ClinicRig) {
        web = rig.web
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Sends a form and answers the status, and how long the whole answer took.
    package func post(
        _ path: String,
        _ fields: KeyValuePairs<String, String>
    ) async throws -> (status: Int, took: Duration) {
        var request = HTTPClientRequest(url: web + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "origin", value: web)
        let form = fields.map { "\($0)=\($1)" }.joined(separator: "&")
        request.body = .bytes(ByteBuffer(string: form))
        let clock = ContinuousClock()
        let start = clock.now
        let response = try await http.execute(request, timeout: .seconds(30))
        _ = try await response.body.collect(upTo: 1024 * 1024)
        return (Int(response.status.code), clock.now - start)
    }

    /// Lets the connection go.
    package func leave() async throws { try await http.shutdown() }
}
