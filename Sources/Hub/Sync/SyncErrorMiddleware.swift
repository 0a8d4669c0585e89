import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Postgres
import Shared
import Sync

/// Turns every failure of the agents listener into the protocol's error body.
///
/// A failure that is not the agent's is `busy`: its operations wait, nothing is lost.
struct SyncErrorMiddleware<Context: RequestContext>: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            return Response(status: error.status)
        } catch {
            let answer = Self.syncError(for: error)
            if case .busy = answer {
                logger.error(
                    "agent request failed",
                    metadata: ["path": "\(request.uri.path)", "cause": "\(Self.cause(of: error))"]
                )
            } else {
                logger.notice(
                    "agent request refused",
                    metadata: ["path": "\(request.uri.path)", "code": "\(answer.code)"]
                )
            }
            return try Response(answer)
        }
    }

    private static func syncError(for error: any Error) -> SyncError {
        switch error {
        case let error as SyncError: error
        case EnrolmentFailure.requestInvalid: .malformed("the certificate request is not valid")
        case is EnrolmentFailure: .invitation
        case is NIOTooManyBytesError: .tooLarge
        case is DecodingError: .malformed("not the JSON that it should be")
        default: .busy(retryAfterSeconds: 5)
        }
    }

    /// Codes only: a description could quote what an agent sent.
    private static func cause(of error: any Error) -> String {
        (error as? PostgresError).map { "\($0)" } ?? String(describing: type(of: error))
    }
}

extension Response {
    /// The protocol's answer to a request that failed.
    init(_ error: SyncError) throws {
        var headers: HTTPFields = [.contentType: "application/json"]
        if case .busy(let seconds?) = error { headers[.retryAfter] = String(seconds) }
        self.init(
            status: .init(code: error.status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: try JSON.encode(SyncErrorBody(error))))
        )
    }

    /// A success with JSON.
    init(json value: some Encodable) throws {
        self.init(jsonText: try JSON.encode(value))
    }

    /// A success with JSON that is written already.
    init(jsonText text: [UInt8]) {
        self.init(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: text))
        )
    }
}
