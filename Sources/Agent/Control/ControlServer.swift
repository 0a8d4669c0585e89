import Glibc
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Shared

/// The Unix socket that commands talk to: one request line, one reply line, and the end.
///
/// Only root, the service's own user and the members of one group are answered.
package struct ControlServer: Service {
    private let path: String
    private let group: String
    private let responder: ControlResponder
    private let logger: Logger
    private let onListening: @Sendable () -> Void

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// `onListening` is called once commands are answered.
    package init(
        path: String,
        group: String,
        responder: ControlResponder,
        logger: Logger,
        onListening: @escaping @Sendable () -> Void = {}
    ) {
        self.path = path
        self.group = group
        self.responder = responder
        self.logger = logger
        self.onListening = onListening
    }

    /// Listens until the process ends.
    ///
    /// Errors: `ControlError.unavailable` where the socket cannot be made.
    package func run() async throws {
        let server = try await listen()
        onListening()
        try await cancelWhenGracefulShutdown {
            try await server.executeThenClose { connections in
                await serve(connections)
            }
        }
        unlink(path)
    }

    private func listen() async throws -> NIOAsyncChannel<Connection, Never> {
        do {
            let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.backlog, value: 16)
                // A peer may close its half once it has asked, and still wants the answer.
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try Connection(wrappingChannelSynchronously: channel)
                    }
                }
            guard chmod(path, 0o660) == 0 else {
                throw ControlError(.unavailable, "errno \(errno)")
            }
            return server
        } catch {
            throw ControlError(.unavailable, "The socket \(path) cannot be made (\(error)).")
        }
    }

    private func serve(_ connections: NIOAsyncChannelInboundStream<Connection>) async {
        await withTaskGroup(of: Void.self) { tasks in
            var open = 0
            do {
                for try await connection in connections {
                    if open == ControlLimits.connections {
                        await tasks.next()
                        open -= 1
                    }
                    tasks.addTask { await converse(connection) }
                    open += 1
                }
            } catch is CancellationError {
                // The process ends.
            } catch {
                logger.error("The control socket has failed", metadata: ["error": "\(error)"])
            }
        }
    }

    private func converse(_ connection: Connection) async {
        do {
            let peer = try await Self.peer(of: connection.channel)
            try await connection.executeThenClose { inbound, outbound in
                let reply = await reply(to: inbound, peer)
                var line = try JSON.encode(reply)
                if line.count >= ControlLimits.replyBytes {
                    let error = ControlError(.failed, "The answer is too long.")
                    line = try JSON.encode(ControlReply(error: error))
                }
                try await outbound.write(ByteBuffer(bytes: line + [UInt8(ascii: "\n")]))
            }
        } catch {
            // A peer that went away misses its answer; nothing else depends on it.
            logger.debug("A control connection broke", metadata: ["error": "\(error)"])
        }
    }

    private func reply(
        to inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ peer: ControlPeer
    ) async -> ControlReply {
        guard peer.mayAsk(group: group) else {
            return ControlReply(
                error: ControlError(.forbidden, "Only root and the group \(group) may ask.")
            )
        }
        do {
            let line = try await withDeadline(ControlLimits.requestTime) {
                try await Self.line(from: inbound)
            }
            guard let request = try? JSON.decode(ControlRequest.self, from: line) else {
                throw ControlError(.badRequest, "This is no request that this version knows.")
            }
            return try await withDeadline(ControlLimits.replyTime) {
                await responder.answer(request, peer: peer)
            }
        } catch let error as ControlError {
            return ControlReply(error: error)
        } catch {
            return ControlReply(error: ControlError(.unavailable, "The request took too long."))
        }
    }

    private static func line(
        from inbound: NIOAsyncChannelInboundStream<ByteBuffer>
    ) async throws -> [UInt8] {
        var line: [UInt8] = []
        for try await part in inbound {
            let bytes = Array(part.readableBytesView)
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                line += bytes[..<end]
                guard line.count <= ControlLimits.requestBytes else { break }
                return line
            }
            line += bytes
            guard line.count <= ControlLimits.requestBytes else { break }
        }
        guard line.count <= ControlLimits.requestBytes else {
            throw ControlError(
                .tooLong,
                "A request has at most \(ControlLimits.requestBytes) bytes."
            )
        }
        throw ControlError(.badRequest, "A request is one line of JSON.")
    }

    /// The layout of Linux's `struct ucred`.
    private struct Credentials {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    private static func peer(of channel: any Channel) async throws -> ControlPeer {
        guard let options = channel as? any SocketOptionProvider else {
            throw ControlError(.forbidden, "The peer is not known.")
        }
        let credentials: Credentials = try await options.unsafeGetSocketOption(
            level: .socket,
            name: .init(rawValue: SO_PEERCRED)
        ).get()
        return ControlPeer(user: credentials.user, group: credentials.group)
    }
}

/// Runs `operation`, and cancels it after `limit`.
///
/// Errors: `DeadlineExceeded`, or what `operation` throws.
private func withDeadline<Value: Sendable>(
    _ limit: Duration,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlineExceeded()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw DeadlineExceeded() }
        return value
    }
}

private struct DeadlineExceeded: Error {}
