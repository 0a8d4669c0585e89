import Logging
import Mail
import Postgres
import ServiceLifecycle
import Shared

/// Sends what the outbox holds: woken by what is put there, and when something is due again.
struct MailService: Service {
    let database: PostgresClient
    let queue: MailQueue
    let transport: MailTransport
    let from: Mailbox
    let clock: WallClock
    let logger: Logger
    /// How long it rests where the database fails.
    var rest = Duration.seconds(15)

    /// Sends until the Hub stops; a mail that is under way is let go within a second.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            let (wakes, wake) = AsyncStream.makeStream(
                of: Void.self,
                bufferingPolicy: .bufferingNewest(1)
            )
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await follow(wake) }
                group.addTask {
                    await withDiscardingTaskGroup { timers in
                        // One timer at a time, but where something is due sooner.
                        var armed: ContinuousClock.Instant?
                        wake.yield()
                        for await _ in wakes {
                            if let time = armed, time <= .now { armed = nil }
                            guard let pause = await workQuietly() else { continue }
                            let time = ContinuousClock.now + pause
                            if let armed, armed <= time { continue }
                            armed = time
                            timers.addTask {
                                try? await Task.sleep(until: time, clock: .continuous)
                                wake.yield()
                            }
                        }
                        timers.cancelAll()
                    }
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Sends everything that is due; answers how long there is nothing to do, nil until something
    /// is put there.
    func work() async throws -> Duration? {
        if try await queue.expire() > 0 { logger.error("mail given up") }
        while let mail = try await queue.take() {
            guard try await send(mail) else { break }
        }
        let now = clock.now()
        // Never at once again: a clock may stand still, or go back.
        return try await queue.next().map { max($0.duration(since: now), .seconds(1)) }
    }

    /// Sends one; false where the server is at fault, and the others had better wait too.
    private func send(_ mail: MailQueue.Taken) async throws -> Bool {
        guard let address = MailAddress(mail.recipient) else {
            try await queue.end(mail, failure: MailRecord.addressFailure)
            return true
        }
        let message = mail.letter.message(
            from: from,
            to: address,
            id: mail.id,
            madeAt: mail.madeAt
        )
        do throws(MailError) {
            try await transport.send(message)
        } catch {
            // The Hub stops; the mail is taken again after its next start.
            if error.kind == .cancelled { throw CancellationError() }
            logger.warning(
                "mail not sent",
                metadata: ["mail": "\(mail.id)", "code": "\(error.code)"]
            )
            if error.isFinal {
                try await queue.end(mail, failure: error.code)
            } else {
                try await queue.putBack(mail, failure: error.code, everything: error.isOfServer)
            }
            return !error.isOfServer
        }
        try await queue.sent(mail)
        logger.info("mail sent", metadata: ["mail": "\(mail.id)"])
        return true
    }

    private func workQuietly() async -> Duration? {
        do {
            return try await work()
        } catch {
            guard !Task.isCancelled else { return nil }
            logger.warning("mail is tried again", metadata: ["cause": "\(type(of: error))"])
            return rest
        }
    }

    private func follow(_ wake: AsyncStream<Void>.Continuation) async {
        do {
            for try await _ in database.notifications(on: [MailOutbox.channel]) { wake.yield() }
        } catch {
            guard !Task.isCancelled else { return }
            logger.error("mail is no longer woken", metadata: ["cause": "\(type(of: error))"])
        }
    }
}
