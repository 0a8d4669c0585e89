import Foundation
import Glibc
import Synchronization

/// A real pcscd with two virtual readers, for one test at a time.
///
/// The driver of the virtual readers listens on every interface, so pcscd gets a network of its
/// own, and a folder of its own for its socket. Where this machine gives neither (a container
/// without the right), it runs as it would in a clinic.
///
/// Needs root, and Debian's pcscd and vsmartcard-vpcd: `scripts/setup --test`.
package final class VirtualReaders: Sendable {
    package static let names = ["Virtual PCD 00 00", "Virtual PCD 00 01"]

    /// The two readers.
    package let slots: [VirtualSlot]
    private let folder: String
    private let process = Mutex<Process?>(nil)

    /// Runs `body` with a pcscd that runs, and nothing of it left afterwards.
    ///
    /// One after the other: libpcsclite knows one pcscd in the life of a process.
    package static func run(
        started: Bool = true,
        _ body: (VirtualReaders) async throws -> Void
    ) async throws {
        await Turn.shared.take()
        let outcome: Result<Void, any Error>
        do {
            let readers = try VirtualReaders()
            do {
                if started { try await readers.start() }
                outcome = .success(try await body(readers))
            } catch {
                outcome = .failure(error)
            }
            await readers.stop()
        } catch {
            outcome = .failure(error)
        }
        await Turn.shared.giveBack()
        try outcome.get()
    }

    private init() throws {
        folder = Self.home
        let port = UInt16.random(in: 20_000...29_000) & ~1
        try FileManager.default.createDirectory(
            atPath: folder + "/readers",
            withIntermediateDirectories: true
        )
        try """
        FRIENDLYNAME "Virtual PCD"
        DEVICENAME /dev/null:\(port)
        LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so
        CHANNELID \(port)

        """.write(toFile: folder + "/readers/virtual", atomically: true, encoding: .utf8)
        slots = [0, 1].map { VirtualSlot(port: port + $0, network: nil) }
    }

    /// For a program of the product, so that it finds this pcscd.
    package static var environment: [String: String] { ["PCSCLITE_CSOCK_NAME": socket] }

    package var isRunning: Bool { process.withLock { $0?.isRunning ?? false } }

    /// Starts pcscd; returns when it listens.
    package func start() async throws {
        unlink(Self.socket)
        let started = Process()
        let daemon = "exec /usr/sbin/pcscd --foreground --config \(folder)/readers"
        started.executableURL = URL(filePath: Self.isConfined ? "/usr/bin/unshare" : "/bin/sh")
        let mount = "mount --bind \(folder)/run /run/pcscd && "
        started.arguments =
            Self.isConfined
            ? ["--mount", "--net", "/bin/sh", "-c", mount + daemon] : ["-c", daemon]
        // A handle of its own: the one that all share was closed under a start, once.
        let nothing = FileHandle(forUpdatingAtPath: "/dev/null")
        started.standardOutput = nothing
        started.standardError = nothing
        started.standardInput = nothing
        try FileManager.default.createDirectory(
            atPath: "/run/pcscd",
            withIntermediateDirectories: true
        )
        try started.run()
        process.withLock { $0 = started }
        for _ in 0..<2000 where access(Self.socket, F_OK) != 0 {
            guard started.isRunning else { throw CardKitError("pcscd has ended at its start") }
            await Self.shortly()
        }
        guard access(Self.socket, F_OK) == 0 else { throw CardKitError("pcscd does not listen") }
        let network = Self.isConfined ? started.processIdentifier : nil
        for slot in slots { slot.setNetwork(network) }
    }

    /// Kills pcscd at once; the cards stay where they are.
    package func kill() async {
        guard let ended = process.withLock(\.self) else { return }
        Glibc.kill(ended.processIdentifier, SIGKILL)
        while ended.isRunning { await Self.shortly() }
        process.withLock { $0 = nil }
        unlink(Self.socket)
    }

    /// Pulls the cards, and ends pcscd.
    package func stop() async {
        for slot in slots { slot.remove() }
        await kill()
        try? FileManager.default.removeItem(atPath: folder + "/readers")
    }

    static func shortly() async { try? await Task.sleep(for: .milliseconds(2)) }

    /// Where pcscd's socket is, told to libpcsclite before its first use in this process.
    private static let socket: String = {
        let path = (isConfined ? home + "/run" : "/run/pcscd") + "/pcscd.comm"
        setenv("PCSCLITE_CSOCK_NAME", path, 1)
        return path
    }()

    private static let home: String = {
        var template = Array((NSTemporaryDirectory() + "/clinic-pcscd-XXXXXX").utf8CString)
        _ = mkdtemp(&template)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        try? FileManager.default.createDirectory(
            atPath: path + "/run",
            withIntermediateDirectories: true
        )
        return path
    }()

    /// Whether this machine gives namespaces.
    private static let isConfined: Bool = {
        let attempt = Process()
        attempt.executableURL = URL(filePath: "/usr/bin/unshare")
        attempt.arguments = ["--mount", "--net", "/bin/true"]
        attempt.standardError = FileHandle.nullDevice
        guard (try? attempt.run()) != nil else { return false }
        attempt.waitUntilExit()
        return attempt.terminationStatus == 0
    }()
}

/// Lets one test at a time at pcscd.
private actor Turn {
    static let shared = Turn()
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func giveBack() {
        if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
    }
}
