import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL
package import Shared
package import Sync

/// The requests of the protocol over HTTP and TLS 1.3, as typed calls.
///
/// Nothing is retried here: `AgentSync` decides that.
package struct HubClient: Sendable {
    /// `https://host:port`.
    package let address: String
    private let http: HTTPClient

    /// A client that trusts `roots` alone and presents `identity` where there is one.
    package init(address: String, tls: TLSConfiguration) {
        self.address = address
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: .seconds(70))
        )
        // Less than the minute between two sessions at rest: a thousand PCs that keep a connection
        // for the next one cost the Hub more than the handshake does.
        configuration.connectionPool.idleTimeout = .seconds(5)
        configuration.httpVersion = .http1Only
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// The settings of every connection to the Hub.
    package static func tls(
        authority: String,
        certificate: String?,
        key: String?
    ) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv13
        tls.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8))
        )
        if let certificate, let key {
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
                .map { .certificate($0) }
            tls.privateKey = .privateKey(
                try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
            )
        }
        return tls
    }

    /// Ends the connections; nothing can be sent any more.
    ///
    /// Nobody waits for the Hub's farewell: a stream that it is silent on would take five seconds.
    package func shutdown() {
        http.shutdown { _ in }
    }

    /// Sends `body` as JSON and reads the answer as JSON.
    package func call<Reply: Decodable>(
        _ path: String,
        body: some Encodable,
        reply: Reply.Type
    ) async throws(SyncError) -> Reply {
        let content: [UInt8]
        do { content = try JSON.encode(body) } catch { throw .malformed("not encodable") }
        return try await send(
            path,
            method: .POST,
            type: "application/json",
            body: content,
            reply: reply
        )
    }

    /// Sends a push, compressed.
    package func push(_ push: PreparedPush) async throws(SyncError) -> PushReply {
        let content = try push.body()
        return try await send(
            SyncPaths.push,
            method: .POST,
            type: "application/x-clinic-push",
            headers: ["content-encoding": "gzip"],
            body: content,
            read: PushReply.init(text:)
        )
    }

    /// Sends one operation for itself.
    package func isolate(_ operation: IsolatedOperation) async throws(SyncError) -> PushReply {
        let text: [UInt8]
        do { text = try operation.encoded() } catch { throw .malformed("not encodable") }
        return try await send(
            SyncPaths.isolated,
            method: .POST,
            type: "application/octet-stream",
            body: text,
            reply: PushReply.self
        )
    }

    /// Sends the payload of an operation that was withheld.
    package func supply(_ withheld: WithheldPayload) async throws(SyncError) -> WithheldReply {
        let text: [UInt8]
        do { text = try withheld.encoded() } catch { throw .malformed("not encodable") }
        return try await send(
            SyncPaths.withheld,
            method: .POST,
            type: "application/octet-stream",
            body: text,
            reply: WithheldReply.self
        )
    }

    /// Uploads a document's bytes whole under their digest.
    package func upload(_ content: [UInt8], digest: Digest256) async throws(SyncError) {
        _ = try await send(
            SyncPaths.upload(digest),
            method: .PUT,
            type: "application/octet-stream",
            body: content,
            reply: UploadReply.self
        )
    }

    /// Reads JSON.
    package func get<Reply: Decodable>(
        _ path: String,
        reply: Reply.Type,
        seconds: Int64 = 30
    ) async throws(SyncError) -> Reply {
        try await send(
            path,
            method: .GET,
            type: nil,
            body: nil,
            reply: reply,
            seconds: seconds
        )
    }

    /// Reads an answer as the caller does.
    func get<Reply>(
        _ path: String,
        read: ([UInt8]) throws -> Reply
    ) async throws(SyncError) -> Reply {
        try await send(path, method: .GET, type: nil, body: nil, read: read)
    }

    func send<Reply: Decodable>(
        _ path: String,
        method: HTTPMethod,
        type: String?,
        headers: [String: String] = [:],
        body: [UInt8]?,
        reply: Reply.Type,
        seconds: Int64 = 30
    ) async throws(SyncError) -> Reply {
        try await send(
            path,
            method: method,
            type: type,
            headers: headers,
            body: body,
            seconds: seconds
        ) { try JSON.decode(reply, from: $0) }
    }

    private func send<Reply>(
        _ path: String,
        method: HTTPMethod,
        type: String?,
        headers: [String: String] = [:],
        body: [UInt8]?,
        seconds: Int64 = 30,
        read: ([UInt8]) throws -> Reply
    ) async throws(SyncError) -> Reply {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        if let type { request.headers.add(name: "content-type", value: type) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response: HTTPClientResponse
        let content: ByteBuffer
        do {
            response = try await http.execute(request, timeout: .seconds(seconds))
            content = try await response.body.collect(upTo: SyncLimits.messageBytes)
        } catch {
            throw .unreachable(Self.cause(of: error))
        }
        let bytes = Array(content.readableBytesView)
        guard response.status.code == 200 else {
            throw Self.error(status: Int(response.status.code), body: bytes)
        }
        do { return try read(bytes) } catch { throw .garbage }
    }

    /// Follows the event stream until it ends; each hint is one `data:` line.
    package func hints(
        _ receive: @escaping @Sendable (Hint) async -> Void
    ) async throws(SyncError) {
        var request = HTTPClientRequest(url: address + SyncPaths.events)
        request.headers.add(name: "accept", value: "text/event-stream")
        do {
            let response = try await http.execute(request, timeout: .hours(24))
            guard response.status == .ok else {
                throw SyncError.failed(status: Int(response.status.code))
            }
            var lines = EventLines()
            for try await chunk in response.body {
                for data in try lines.take(chunk.readableBytesView) {
                    if let hint = try? JSON.decode(Hint.self, from: data) { await receive(hint) }
                }
            }
        } catch let error as SyncError {
            throw error
        } catch {
            throw .unreachable(Self.cause(of: error))
        }
    }

    private static func error(status: Int, body: [UInt8]) -> SyncError {
        guard let body = try? JSON.decode(SyncErrorBody.self, from: body) else {
            return status == 413 ? .tooLarge : .failed(status: status)
        }
        return body.syncError(status: status)
    }

    /// A word for the cause, without addresses or contents.
    static func cause(of error: any Error) -> String {
        switch error {
        case is CancellationError: "cancelled"
        case let error as HTTPClientError: error.shortDescription
        case is NIOSSLError, is BoringSSLError: "tls"
        case let error as IOError: "errno \(error.errnoCode)"
        case is NIOConnectionError: "connection refused"
        default: String(describing: type(of: error))
        }
    }
}
