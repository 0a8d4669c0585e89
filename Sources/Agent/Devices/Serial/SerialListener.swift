import DeviceFormats
import Logging
import Shared
import Sync
import Synchronization

/// The life of one open port: one loop over what comes and what time it is.
actor SerialListener {
    private let session: SerialSpool.Session
    private var conversation: SerialConversation
    private let spool: SerialSpool
    private let capture: SerialCapture
    private let connection: any SerialConnection
    private let logger: Logger
    private let tell: @Sendable (DriverEvent) async -> Void

    private let began = ContinuousClock.now
    private var lastChunk: Int64 = 0
    private var spooledBytes = 0
    private var pendingWake: Duration?
    private var hasProblem = false
    private var isAllStored = true
    private var hasEnded = false
    private var hasLostSpool = false
    private let backlog = Backlog()

    /// Chunks of a line that never rests are not kept longer than one recording may be.
    private static let maximumSpooled = 2 * SerialRecording.maximumBytes
    /// While the store takes nothing, what comes stays in the port, and then in the adapter.
    private static let maximumWaiting = 1024 * 1024

    private enum Event: Sendable {
        case bytes([UInt8], at: Duration)
        case wake(Duration)
        case end(DriverFailure?)
    }

    init(
        session: SerialSpool.Session,
        conversation: SerialConversation,
        spool: SerialSpool,
        capture: SerialCapture,
        connection: any SerialConnection,
        logger: Logger,
        tell: @escaping @Sendable (DriverEvent) async -> Void
    ) {
        self.session = session
        self.conversation = conversation
        self.spool = spool
        self.capture = capture
        self.connection = connection
        self.logger = logger
        self.tell = tell
    }

    /// Listens until the port hangs up, fails, or the task is cancelled; what came is stored then.
    func listen() async throws(DriverFailure) {
        let (events, continuation) = AsyncStream<Event>.makeStream()
        let reader = Task { [connection, began, backlog] in
            var failure: DriverFailure?
            do throws(DriverFailure) {
                while let bytes = try await connection.receive() {
                    backlog.bytes.wrappingAdd(bytes.count, ordering: .relaxed)
                    continuation.yield(.bytes(bytes, at: .now - began))
                    while backlog.bytes.load(ordering: .relaxed) > Self.maximumWaiting {
                        guard (try? await Task.sleep(for: .milliseconds(100))) != nil else {
                            break
                        }
                    }
                }
            } catch {
                failure = error
            }
            continuation.yield(.end(failure))
        }
        // What was received is stored although the device, and with it this task, is gone.
        let work = Task { await self.consume(events, continuation) }
        let failure = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            reader.cancel()
        }
        await connection.close()
        await reader.value
        if let failure { throw failure }
    }

    private func consume(
        _ events: AsyncStream<Event>,
        _ continuation: AsyncStream<Event>.Continuation
    ) async -> DriverFailure? {
        for await event in events {
            switch event {
            case .bytes(let bytes, let moment):
                await receive(bytes, moment, continuation)
                backlog.bytes.wrappingSubtract(bytes.count, ordering: .relaxed)
            case .wake(let moment):
                pendingWake = nil
                await act(conversation.silent(at: moment), continuation)
                if pendingWake == nil { await forgetAll() }
            case .end(let failure):
                hasEnded = true
                await act(conversation.end(at: .now - began), continuation)
                if isAllStored { try? await spool.forget(session.id) }
                return failure
            }
        }
        return nil
    }

    private func receive(
        _ bytes: [UInt8],
        _ moment: Duration,
        _ continuation: AsyncStream<Event>.Continuation
    ) async {
        lastChunk += 1
        // The table has milliseconds; going through it again must give the same.
        let chunk = SerialSpool.Chunk(
            number: lastChunk,
            moment: .milliseconds(moment.wholeMilliseconds),
            bytes: bytes
        )
        do {
            try await spool.append(chunk, to: session)
            spooledBytes += bytes.count
            hasLostSpool = false
            await tell(.bytes(bytes.count))
        } catch {
            // It is still worth decoding. Said once, not for each piece.
            if !hasLostSpool {
                logger.error("What came cannot be kept", metadata: ["error": "\(error)"])
                await report("store", "What it sends cannot be kept before it is decoded.")
            }
            hasLostSpool = true
        }
        await act(conversation.receive(chunk), continuation)
        if spooledBytes > Self.maximumSpooled, isAllStored { await forgetAll() }
    }

    private func act(
        _ steps: [SerialConversation.Step],
        _ continuation: AsyncStream<Event>.Continuation
    ) async {
        for step in steps {
            switch step {
            case .send(let bytes):
                do throws(DriverFailure) {
                    try await connection.send(bytes)
                } catch {
                    logger.debug(
                        "An answer was not sent",
                        metadata: ["code": "\(error.problem.code)"]
                    )
                }
            case .document(let document): await keep(document)
            case .noise(let count):
                logger.debug("Noise on the line", metadata: ["bytes": "\(count)"])
            case .wrongBaud:
                await report(
                    "wrong-line",
                    "What it sends looks like another speed or parity than the line is set to."
                )
            case .wake(let moment): wake(at: moment, continuation)
            }
        }
    }

    private func keep(_ document: SerialDocument) async {
        // A device that comes back waits for this: what is not stored stays in the spool.
        let attempts = hasEnded ? 3 : Int.max
        guard await capture.take(document, of: session.source, attempts: attempts) else {
            isAllStored = false
            await report("store", "A transmission could not be stored yet; it is kept apart.")
            return
        }
        await tell(.document)
        if let name = document.resembles {
            await report(
                "looks-like-\(name)",
                "What it sends looks like \(name): give it that driver by a rule."
            )
        } else if let ending = document.ending {
            await report("cut-\(ending.rawValue)", ending.sentence)
        } else if hasProblem {
            hasProblem = false
            await tell(.problem(nil))
        }
    }

    private func report(_ code: String, _ sentence: String) async {
        hasProblem = true
        await tell(.problem(DeviceFact.Problem(code: code, sentence: sentence)))
    }

    private func forgetAll() async {
        guard isAllStored, spooledBytes > 0 else { return }
        do {
            try await spool.forget(session.id, through: lastChunk)
            spooledBytes = 0
        } catch {
            logger.warning("The spool is not cleared yet", metadata: ["error": "\(error)"])
        }
    }

    /// One alarm at a time is enough: where it rings too early, the protocol asks for another.
    private func wake(at moment: Duration, _ continuation: AsyncStream<Event>.Continuation) {
        guard pendingWake == nil else { return }
        pendingWake = moment
        let due = began + moment
        Task {
            try? await Task.sleep(until: due, clock: .continuous)
            continuation.yield(.wake(moment))
        }
    }
}

/// Bytes that were received and not taken up yet.
private final class Backlog: Sendable {
    let bytes = Atomic(0)
}
