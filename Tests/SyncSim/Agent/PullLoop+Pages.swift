import Shared
import Sync

/// What `PullReplica` does with a page, in one transaction.
extension PullLoop {
    /// Applies a page; answers whether the replica is what the Hub says.
    func apply(
        _ page: ServedPage,
        of name: String,
        then: @escaping (Result<Bool, SyncError>) -> Void
    ) {
        let reply = page.reply
        let cursor = agent.disk.image.cursors[name] ?? PullCursor()
        let next: PullCursor
        do {
            next = try cursor.advanced(by: reply)
        } catch {
            return then(.failure(error))
        }
        if reply.changes.isEmpty, next == cursor, agrees(reply, name, agent.disk.image) {
            world.oracle.checkRows(of: agent, page, name)
            return then(.success(true))
        }
        world.reached(.pageApplied)
        if world.bug == .cursorBeforePage {
            return agent.commit {
                $0.cursors[name] = next
            } then: { [self] in
                store(page, of: name, cursor: next, then: then)
            }
        }
        store(page, of: name, cursor: next, then: then)
    }

    private func store(
        _ page: ServedPage,
        of name: String,
        cursor: PullCursor,
        then: @escaping (Result<Bool, SyncError>) -> Void
    ) {
        let reply = page.reply
        var rows = pulled(name, reply.serverTime, count: reply.changes.count)
        var isRight = true
        agent.commit { [self] image in
            for change in reply.changes {
                if change.kind == .put, let payload = change.payload {
                    image.replicas[name, default: .init()].put(
                        change.key,
                        .init(version: change.rowVersion, payload: payload)
                    )
                    rows.receive(change.key, payload, at: change.position, in: &image)
                } else if world.bug != .removalIgnored {
                    image.replicas[name, default: .init()].remove(change.key)
                    rows.forget(change.key, in: &image)
                }
            }
            isRight = agrees(reply, name, image)
            image.cursors[name] = isRight ? cursor : cursor.wanting(.digest)
        } then: { [self] in
            world.note(agent.index, "pulled", cursor.position, Int64(reply.changes.count))
            if reply.changes.contains(where: { $0.kind == .remove }) {
                world.reached(.removalApplied)
            }
            if isRight { world.oracle.checkRows(of: agent, page, name) }
            isStored(rows, of: name)
            then(.success(isRight))
        }
    }

    /// Stores a snapshot's page beside the rows; with the last one it takes their place.
    func apply(
        _ reply: SnapshotReply,
        of name: String,
        then: @escaping (SyncError?) -> Void
    ) {
        let cursor = agent.disk.image.cursors[name] ?? PullCursor()
        let next: PullCursor
        do {
            next = try cursor.advanced(by: reply)
        } catch {
            return then(error)
        }
        var rows = pulled(name, reply.serverTime, count: reply.rows.count)
        let keepsOld = world.bug == .snapshotKeepsOldRows
        agent.commit { image in
            image.replicas[name, default: .init()]
                .take(reply.rows, isFirst: cursor.snapshot?.hub == nil)
            let position = next.snapshot?.position ?? next.position
            for row in reply.rows { rows.receive(row.key, row.payload, at: position, in: &image) }
            if !reply.more {
                let gone = image.replicas[name, default: .init()].swap(keepsOld: keepsOld)
                for key in gone { rows.forget(key, in: &image) }
            }
            image.cursors[name] = next
        } then: { [self] in
            world.note(agent.index, "snapshot", next.position, Int64(reply.rows.count))
            if !reply.more { world.reached(.snapshotTaken) }
            isStored(rows, of: name)
            then(nil)
        }
    }

    private func agrees(_ reply: PullReply, _ name: String, _ image: AgentImage) -> Bool {
        guard let expected = reply.checkpoint, world.bug != .digestNotCompared else { return true }
        return image.replicas[name, default: .init()].checkpoint == expected
    }

    private func pulled(_ name: String, _ serverTime: Instant, count: Int) -> PulledCommands {
        let time = agent.time
        return PulledCommands(
            isWork: name == "work",
            now: Instant(milliseconds: time),
            serverTime: serverTime,
            identifiers: (0..<count * 2).map { _ in world.identifier(at: time) }
        )
    }

    private func isStored(_ rows: PulledCommands, of name: String) {
        for _ in 0..<rows.superseded { world.reached(.commandSuperseded) }
        if !rows.told.isEmpty {
            world.oracle.keep(rows.told)
            agent.push?.ring()
        }
        if name == "work" { agent.delivery?.ring() }
    }
}
