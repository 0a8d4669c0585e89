import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Sync
import Synchronization
import TestKit
import Testing

@testable import Agent

/// The connections of one client, with a Hub that falls silent.
struct HubClientTests {
    @Test(.timeLimit(.minutes(10)))
    func `a client that ends does not wait for the farewell of a Hub that is silent`() async throws
    {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority(in: folder.path)
        let hub = try await SilentHub(authority)
        var tls = try HubClient.tls(
            authority: try String(contentsOfFile: authority.authorities, encoding: .utf8),
            certificate: nil,
            key: nil
        )
        // Whoever waits for the farewell waits longer than this test may last.
        tls.shutdownTimeout = .minutes(15)
        let client = HubClient(address: "https://localhost:\(hub.port)", tls: tls)
        let asking = Task {
            do throws(SyncError) {
                _ = try await client.get("/sync/v1/events", reply: WaitReply.self)
                return false
            } catch {
                return true
            }
        }
        await hub.asked()
        asking.cancel()
        #expect(await asking.value)
        client.shutdown()
        await #expect(throws: SyncError.self) {
            _ = try await client.get("/sync/v1/events", reply: WaitReply.self)
        }
        try await hub.close()
    }
}

/// Speaks TLS, takes a request's first bytes, and reads and says nothing more.
private final class SilentHub: Sendable {
    private let listener: any Channel
    private let connection = Mutex<(any Channel)?>(nil)
    private let requests: AsyncStream<any Channel>

    init(_ authority: TestAuthority) async throws {
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(authority.certificate)
                    .map { .certificate($0) },
                privateKey: .privateKey(
                    try NIOSSLPrivateKey(file: authority.key, format: .pem)
                )
            )
        )
        let (requests, arrival) = AsyncStream.makeStream(of: (any Channel).self)
        self.requests = requests
        listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        NIOSSLServerHandler(context: context),
                        FirstBytes(arrival)
                    )
                }
            }
            .bind(host: "localhost", port: 0)
            .get()
    }

    var port: Int { listener.localAddress?.port ?? 0 }

    /// Waits until a request has begun to arrive.
    func asked() async {
        for await channel in requests {
            connection.withLock { $0 = channel }
            return
        }
    }

    func close() async throws {
        try await listener.close()
        try? await connection.withLock { $0 }?.close()
    }
}

/// Tells of a connection's first bytes and has no more of them read.
private final class FirstBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let arrival: AsyncStream<any Channel>.Continuation

    init(_ arrival: AsyncStream<any Channel>.Continuation) {
        self.arrival = arrival
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let (channel, arrival) = (context.channel, arrival)
        channel.setOption(.autoRead, value: false).whenSuccess { arrival.yield(channel) }
    }
}
