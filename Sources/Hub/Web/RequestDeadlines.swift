import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// How long a client may take for each part of a request, on one listener.
///
/// What is slow holds a connection and its memory; many slow ones would hold the listener. A client
/// that is late is cut off, whatever it has sent: nothing of a request that is not whole is acted on.
package struct RequestTimes: Sendable, Equatable {
    /// From the opening of a connection, its handshake included, to the end of the first request's
    /// headers.
    package var head: Duration
    /// From the end of one answer to the end of the next request's headers.
    package var between: Duration
    /// From the end of the headers to the end of the body.
    package var body: Duration
    /// Within the body, from one piece to the next.
    package var piece: Duration
    /// How long an answer may wait for a client that takes nothing.
    package var taking: Duration

    /// For browsers and programs: a form is 16 KiB at most.
    package static let people = RequestTimes(
        head: .seconds(15),
        between: .seconds(75),
        body: .seconds(30),
        piece: .seconds(10),
        taking: .seconds(60)
    )
    /// For Agents, which send documents over whatever line a clinic has.
    package static let agents = RequestTimes(
        head: .seconds(15),
        between: .seconds(150),
        body: .seconds(300),
        piece: .seconds(30),
        taking: .seconds(60)
    )
}

/// A connection whose client is watched, around one that is served.
struct TimedChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let times: RequestTimes

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(RequestDeadlines(times), position: .after(decoder))
            return value
        }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 with caps on the headers and on the time that a client may take.
    static func timed(_ times: RequestTimes, headerBytes: Int) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            TimedChannel(
                base: HTTP1Channel(
                    responder: responder,
                    configuration: HTTP1Channel.Configuration(
                        httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                            maxHeaderFieldSize: headerBytes,
                            maxHeaderListSize: headerBytes,
                            maxHeaderFieldCount: 100
                        )
                    )
                ),
                times: times
            )
        }
    }
}

/// Cuts a connection off whose client is late.
final class RequestDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let times: RequestTimes
    /// Waits for the rest of a request, or for the next one.
    private var request: Scheduled<Void>?
    /// Waits for the next piece of a body.
    private var piece: Scheduled<Void>?
    /// Waits for the client to take what is written.
    private var taking: Scheduled<Void>?
    /// Requests of which the answer is not finished; a client may send several at once.
    private var open = 0
    private var isReading = false

    init(_ times: RequestTimes) {
        self.times = times
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { cut(after: times.head, &request, context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        if request == nil { cut(after: times.head, &request, context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop(&request)
        stop(&piece)
        stop(&taking)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop(&request)
        stop(&piece)
        stop(&taking)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            open += 1
            isReading = true
            cut(after: times.body, &request, context)
            cut(after: times.piece, &piece, context)
        case .body:
            cut(after: times.piece, &piece, context)
        case .end:
            isReading = false
            // From here on the Hub is the one that takes its time.
            stop(&request)
            stop(&piece)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            open = max(0, open - 1)
            if open == 0, !isReading { cut(after: times.between, &request, context) }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stop(&taking)
        } else if taking == nil {
            cut(after: times.taking, &taking, context)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Closes the connection after `time`, unless this is called again or stopped before.
    private func cut(
        after time: Duration,
        _ scheduled: inout Scheduled<Void>?,
        _ context: ChannelHandlerContext
    ) {
        scheduled?.cancel()
        let channel = context.channel
        scheduled = context.eventLoop.scheduleTask(in: TimeAmount(time)) {
            channel.close(promise: nil)
        }
    }

    private func stop(_ scheduled: inout Scheduled<Void>?) {
        scheduled?.cancel()
        scheduled = nil
    }
}
