import Hummingbird
import Logging
import ServiceLifecycle
import Shared

/// The stream that tells a workstation's page to ask anew.
struct StationStream: Sendable {
    let broadcaster: StationBroadcaster
    let beat: Duration

    /// An answer that lasts until the browser goes, the session ends, or the Hub stops.
    func response(
        agent: Identifier,
        session: Identifier,
        _ visit: Visit
    ) async throws -> Response {
        let listening = try await broadcaster.listen(
            to: agent,
            session: session,
            beat: beat
        )
        let (body, logger) = (visit.request.body, visit.context.logger)
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
                            try await Self.send(listening.changes, output)
                        } onGracefulShutdown: {
                            listening.end()
                        }
                    } onInboundClosed: {
                        listening.end()
                    }
                } catch {
                    logger.info("station stream ended", metadata: ["cause": "\(type(of: error))"])
                }
                listening.end()
                try await writer.finish(nil)
            }
        )
    }

    private static func send(
        _ changes: StationBroadcaster.Changes,
        _ output: StreamOutput
    ) async throws {
        try await output.write(EventText.start.text)
        for await item in changes {
            switch item {
            case .element: try await output.write(EventText("renew", data: "").text)
            case .pulse: try await output.write(EventText.beat.text)
            }
        }
    }
}
