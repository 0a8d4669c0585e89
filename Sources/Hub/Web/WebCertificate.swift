import Foundation
import Glibc
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// The certificate that people's browsers are shown, read again when its files change.
///
/// A pair that does not belong together, as between the writing of its two files, is not taken: the
/// one before stays in use.
final class WebCertificate: Sendable {
    /// A chain and its key.
    struct Pair: Sendable {
        let chain: [NIOSSLCertificateSource]
        let key: NIOSSLPrivateKeySource
    }

    private struct State {
        var pair: Pair
        var stamps: [Stamp]
        var lookedAt: ContinuousClock.Instant
    }

    /// What changes with a file's content.
    private struct Stamp: Equatable {
        var inode: UInt64 = 0
        var bytes: Int = 0
        var seconds: Int = 0
        var nanoseconds: Int = 0
    }

    private let files: HubConfiguration.TLSFiles
    private let logger: Logger
    private let state: Mutex<State>

    /// How often the files are looked at, at most.
    private static let interval = Duration.seconds(5)

    /// Reads the files.
    ///
    /// Throws what is wrong with them.
    init(_ files: HubConfiguration.TLSFiles, logger: Logger) throws {
        self.files = files
        self.logger = logger
        let stamps = Self.stamps(files)
        state = Mutex(State(pair: try Self.read(files), stamps: stamps, lookedAt: .now))
    }

    /// The pair in use, after a look at the files where the last one was long ago.
    func current(now: ContinuousClock.Instant = .now) -> Pair {
        state.withLock { state in
            guard now - state.lookedAt >= Self.interval else { return state.pair }
            state.lookedAt = now
            let stamps = Self.stamps(files)
            guard stamps != state.stamps else { return state.pair }
            do {
                state.pair = try Self.read(files)
                state.stamps = stamps
                logger.notice("certificate read again")
            } catch {
                // Looked at again the next time: the second file may be on its way.
                logger.warning("certificate not taken", metadata: ["code": "pairUnusable"])
            }
            return state.pair
        }
    }

    /// The listener's TLS: each handshake is given the pair in use.
    func configuration() -> TLSConfiguration {
        let pair = current()
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: pair.chain,
            privateKey: pair.key
        )
        tls.minimumTLSVersion = .tlsv12
        tls.sslContextCallback = { [self] _, promise in
            let pair = current()
            var override = NIOSSLContextConfigurationOverride()
            override.certificateChain = pair.chain
            override.privateKey = pair.key
            promise.succeed(override)
        }
        return tls
    }

    private static func read(_ files: HubConfiguration.TLSFiles) throws -> Pair {
        let pair = Pair(
            chain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            key: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        )
        // It throws where the two do not belong together.
        _ = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: pair.chain,
                privateKey: pair.key
            )
        )
        return pair
    }

    private static func stamps(_ files: HubConfiguration.TLSFiles) -> [Stamp] {
        [files.certificate, files.key].map { path in
            var status = stat()
            guard stat(path, &status) == 0 else { return Stamp() }
            return Stamp(
                inode: UInt64(status.st_ino),
                bytes: Int(status.st_size),
                seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec
            )
        }
    }
}
