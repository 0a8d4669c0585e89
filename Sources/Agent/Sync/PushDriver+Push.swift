import Logging
import Shared
import Sync

// How operations leave the PC: gathered, sent, one alone where a push cannot carry it.

extension PushDriver {
    /// Gathers a push and makes it ready in a version of the protocol, but for its nonce.
    func gather(
        after: Int64,
        chain: Digest256,
        limit: Int,
        version: Int
    ) async throws -> PreparedPush? {
        let start = ContinuousClock.now
        var push = try await store.push(
            after: after,
            chain: chain,
            limit: limit,
            nonce: nil,
            condition: try await condition()
        )
        push?.header.boot = boot.now().boot
        push?.header.protocolVersion = version
        var prepared = push.map(PreparedPush.init)
        prepared?.work = .now - start
        return prepared
    }

    /// Gathers what stands behind a push while that is on its way; nil where nothing does.
    func next(behind push: Push, delay: Duration) -> NextPush? {
        guard push.header.condition.pending > 0, let last = push.operations.last else { return nil }
        let (header, limit) = (push.header, push.operations.count)
        return NextPush(after: last.sequence, chain: header.lastChain, delay: delay) {
            try await gather(
                after: last.sequence,
                chain: header.lastChain,
                limit: limit,
                version: header.protocolVersion
            )
        }
    }

    /// Sends a push; the reply is one to that push.
    func send(_ prepared: PreparedPush) async throws -> PushReply {
        let sentAt = clock.now()
        let reply = try await client.push(prepared)
        sample(sentAt, reply.receivedAt, reply.serverTime)
        // The machine trusts a reply only where it answers what was sent.
        guard reply.verdicts.map(\.sequence) == prepared.push.operations.map(\.sequence) else {
            throw SyncError.garbage
        }
        let quarantined = reply.verdicts.filter { $0.outcome == .quarantined }
        for verdict in quarantined {
            logger.warning(
                "the Hub has quarantined an operation",
                metadata: ["sequence": "\(verdict.sequence)", "code": "\(verdict.code ?? "-")"]
            )
        }
        board.update { $0.lastPushAt = clock.now() }
        return reply
    }

    /// Stores the verdicts of a push.
    ///
    /// While more waits, only the nonce is stored at once, and the verdicts while the next push is
    /// on its way: the task returns when they are durable. What is stopped in between opens its next
    /// session as after a lost reply, with the nonce that the Hub expects, and gets them again.
    func settle(
        _ reply: PushReply,
        _ push: Push?
    ) async throws -> (acknowledged: Int64, chain: Digest256, task: Task<Void, any Error>?) {
        guard let push, push.header.condition.pending > 0, let last = push.operations.last else {
            let end = try await store.settle(reply)
            try await store.obey(reply.flow)
            return (end.acknowledged, end.chain, nil)
        }
        try await store.remember(nonce: reply.nextNonce, hub: reply.hub)
        let task = Task { [store] in
            _ = try await store.settle(reply)
            try await store.obey(reply.flow)
        }
        return (last.sequence, push.header.lastChain, task)
    }

    /// Sends the first operation of `push` for itself.
    func isolate(
        _ push: Push,
        _ error: SyncError,
        isWithheld: Bool
    ) async throws -> PushReply {
        guard let operation = push.operations.first, push.operations.count == 1 else {
            throw SyncError.garbage
        }
        let header = IsolatedHeader(
            operation,
            of: push.header,
            reason: error.code,
            isWithheld: isWithheld
        )
        logger.error(
            isWithheld ? "an operation is kept back" : "an operation is sent for itself",
            metadata: ["sequence": "\(operation.sequence)", "code": "\(error.code)"]
        )
        let reply = try await client.isolate(
            IsolatedOperation(header: header, payload: isWithheld ? nil : operation.payload)
        )
        guard reply.verdicts.map(\.sequence) == [operation.sequence] else {
            throw SyncError.garbage
        }
        board.update { $0.lastPushAt = clock.now() }
        return reply
    }

    /// Uploads documents that the Hub misses.
    func upload(_ digests: [Digest256]) async throws {
        for digest in digests {
            guard let content = try await documents.content(digest) else {
                throw SyncError.contentMissing([digest])
            }
            try await DocumentUpload(target: client).send(content, digest: digest)
        }
    }
}
