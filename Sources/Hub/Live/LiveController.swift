import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import Shared

/// The address that browsers listen at.
struct LiveController: Sendable {
    let stream: LiveStream
    let cookie: SessionCookie

    func addRoutes(to routes: inout Routes) {
        routes.get("/live/readings", .readReadings, use: listen)
    }

    private func listen(_ visit: Visit) async throws -> Response {
        guard let token = cookie.token(in: visit.request) else { throw PageError.signInNeeded }
        let after = visit.request.headers[.lastEventID] ?? visit.query["after"] ?? ""
        guard let position = Int64(after), position >= 0 else { throw PageError.badRequest }
        let request = LiveStream.Request(
            token: token,
            person: visit.person,
            site: try visit.person.site(named: visit.query["site"]),
            filter: try ReadingFilter(visit.query),
            after: position
        )
        let stream = stream
        let body = visit.request.body
        // The stream is written when this has returned.
        let scope = Scope(of: visit.person, for: .readReadings)
        let logger = visit.context.logger
        // Listening begins before the database is read, so that nothing falls between the two.
        let listening = try await stream.broadcaster.listen(
            to: request.site.id,
            session: request.person.sessionID
        )
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream; charset=utf-8",
                .accelBuffering: "no",
            ],
            body: ResponseBody { writer in
                let output = StreamOutput(writer)
                do {
                    try await body.consumeWithInboundCloseHandler { _ in
                        try await withGracefulShutdownHandler {
                            try await scope.run {
                                try await stream.run(request, listening) { event in
                                    try await output.write(event.text)
                                }
                            }
                        } onGracefulShutdown: {
                            listening.end()
                        }
                    } onInboundClosed: {
                        listening.end()
                    }
                } catch {
                    logger.info("live stream ended", metadata: ["cause": "\(type(of: error))"])
                }
                listening.end()
                try await writer.finish(nil)
            }
        )
    }
}
