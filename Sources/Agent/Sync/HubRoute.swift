import Foundation
import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Shared

/// The way to the Hub's listener, one step at a time, so that the step that fails can be named.
struct HubRoute: Sendable {
    let host: String
    let port: Int
    private let workbench = Workbench()

    /// How long one step may take.
    private static let limit = Duration.seconds(5)

    /// Takes `https://host:port`; nil where that is none.
    init?(address: String) {
        guard let parts = URLComponents(string: address), let host = parts.host, !host.isEmpty
        else { return nil }
        // A numeric IPv6 address stands in brackets.
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = parts.port ?? 443
    }

    /// What keeps a step from succeeding.
    enum Failure: Error, Equatable, Sendable {
        /// getaddrinfo(3)'s sentence.
        case name(String)
        /// Nobody answers at the port; `errno`, or ETIMEDOUT.
        case port(Int32)
        case tls(TLS)
    }

    /// How the beginning of TLS fails.
    enum TLS: Equatable, Sendable {
        /// Another authority has signed the certificate, or it is not valid today.
        case notTrusted
        /// The certificate is for another name.
        case otherName
        /// What answers speaks something else than TLS 1.3.
        case notTLS
        /// Whoever took the connection says nothing.
        case silent
        /// The connection was closed meanwhile.
        case closed
    }

    /// Asks for the addresses of the name; answers how many there are.
    func resolve() async throws(Failure) -> Int {
        let (host, port) = (host, port)
        let answer = await workbench.run(within: Self.limit) { () -> Result<Int, Failure> in
            Self.addresses(host, port) { list in
                var count = 0
                var next = list
                while let present = next {
                    count += 1
                    next = present.pointee.ai_next
                }
                return .success(count)
            }
        }
        return try (answer ?? .failure(.name("no answer within 5 s"))).get()
    }

    /// Connects and hangs up.
    func connect() async throws(Failure) {
        let (host, port) = (host, port)
        let answer = await workbench.run(within: Self.limit * 2) { () -> Result<Int, Failure> in
            Self.addresses(host, port) { list in
                var code = ETIMEDOUT
                var next = list
                while let present = next {
                    code = Self.connect(present)
                    if code == 0 { return .success(0) }
                    next = present.pointee.ai_next
                }
                return .failure(.port(code))
            }
        }
        _ = try (answer ?? .failure(.port(ETIMEDOUT))).get()
    }

    /// Begins TLS as every request does, trusting `authority` (PEM) alone.
    func handshake(authority: String) async throws(Failure) {
        do {
            let tls = try HubClient.tls(authority: authority, certificate: nil, key: nil)
            let context = try NIOSSLContext(configuration: tls)
            let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
            let name = isAddress ? nil : host
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let done = loop.makePromise(of: Void.self)
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(.seconds(5))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: name)
                        )
                        try pipeline.addHandler(HandshakeEnd(done))
                    }
                }
                .connect(host: host, port: port).get()
            let limit = loop.scheduleTask(in: .seconds(5)) {
                done.fail(ChannelError.connectTimeout(.seconds(5)))
            }
            defer {
                limit.cancel()
                channel.close(promise: nil)
            }
            try await done.futureResult.get()
        } catch {
            throw .tls(Self.cause(of: error))
        }
    }

    private static func cause(of error: any Error) -> TLS {
        switch error {
        case ChannelError.connectTimeout: return .silent
        case is NIOSSLExtraError: return .otherName
        case NIOSSLError.handshakeFailed, is BoringSSLError:
            // The library tells its reasons apart in their descriptions alone.
            let reason = "\(error)"
            if reason.contains("CERTIFICATE_VERIFY_FAILED") { return .notTrusted }
            return reason.contains("EOF during handshake") ? .closed : .notTLS
        default: return .closed
        }
    }

    private static func addresses(
        _ host: String,
        _ port: Int,
        _ body: (UnsafeMutablePointer<addrinfo>?) -> Result<Int, Failure>
    ) -> Result<Int, Failure> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else { return .failure(.name(String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(list) }
        return body(list)
    }

    /// 0, or why not.
    private static func connect(_ address: UnsafeMutablePointer<addrinfo>) -> Int32 {
        let info = address.pointee
        let type = info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(info.ai_family, type, info.ai_protocol)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        if Glibc.connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return 0 }
        guard errno == EINPROGRESS else { return errno }
        var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&event, 1, 4000) == 1 else { return ETIMEDOUT }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }
}

/// Tells how the beginning of TLS has ended.
private final class HandshakeEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let done: EventLoopPromise<Void>

    init(_ done: EventLoopPromise<Void>) { self.done = done }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { done.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        done.fail(ChannelError.eof)
    }
}
