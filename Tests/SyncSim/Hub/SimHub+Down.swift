import Shared
import Sync

/// A page, with what the Hub's rows were when it was made: the Agent does not see that.
struct ServedPage {
    var reply: PullReply
    var rows: [String: String]
}

extension SimHub {
    /// Small, so that pages follow each other.
    private static let pageSize = 4

    /// Serves what is behind a position, as `ChangeStore` does.
    func pull(
        _ name: String,
        after position: Int64,
        for index: Int,
        _ answer: @escaping (Result<ServedPage, SyncError>) -> Void
    ) {
        transact(answer) { [self] image throws(SyncError) in
            _ = try image.agent(index)
            let name = Self.stream(name, of: index)
            guard var stream = image.streams[name] else {
                guard position == 0 else { throw .snapshotRequired }
                return page([], of: .init(), upTo: 0, more: false, in: image)
            }
            pass(position, &stream, by: index, in: image)
            image.streams[name] = stream
            guard position <= stream.position, position == 0 || position >= stream.floor else {
                throw .snapshotRequired
            }
            let isByTime = world.bug == .timestampCursor
            let second = stream.rows.values.first { $0.position == position }?.second ?? 0
            let behind = stream.rows.filter {
                $0.value.position > position && !(isByTime && $0.value.second <= second)
            }
            .sorted { $0.value.position < $1.value.position }
            let more = behind.count > Self.pageSize
            let changes = behind.prefix(Self.pageSize).map { key, row in
                PullReply.Change(
                    position: row.position,
                    key: key,
                    kind: row.payload == nil ? .remove : .put,
                    rowVersion: row.version,
                    payload: row.payload
                )
            }
            let end = more ? changes.last?.position ?? position : stream.position
            return page(changes, of: stream, upTo: end, more: more, in: image)
        }
    }

    /// Serves every row, in pages by key.
    func snapshot(
        _ name: String,
        because reason: SnapshotReason,
        after key: String?,
        for index: Int,
        _ answer: @escaping (Result<SnapshotReply, SyncError>) -> Void
    ) {
        transact(answer) { [self] image throws(SyncError) in
            _ = try image.agent(index)
            if key == nil { world.reached(reason.mark) }
            let stream = image.streams[Self.stream(name, of: index)] ?? .init()
            let behind = stream.rows.filter { $1.payload != nil && $0 > key ?? "" }
                .sorted { $0.key < $1.key }
            return SnapshotReply(
                rows: behind.prefix(Self.pageSize).map {
                    SnapshotReply.Row(
                        key: $0,
                        rowVersion: $1.version,
                        payload: $1.payload ?? ""
                    )
                },
                position: stream.position,
                more: behind.count > Self.pageSize,
                hub: image.instance,
                serverTime: time
            )
        }
    }

    private static func stream(_ name: String, of index: Int) -> String {
        name == "work" ? "work/\(index)" : name
    }

    /// Notes how far an Agent is, and removes what nobody needs now, as `Replicas` does.
    private func pass(
        _ position: Int64,
        _ stream: inout HubImage.Stream,
        by index: Int,
        in image: HubImage
    ) {
        guard stream.cursors[index] != position else { return }
        stream.cursors[index] = position
        let live = stream.cursors.keys.filter { image.agents[$0]?.isRevoked == false }
        if stream.compact(for: live, movesFloor: world.bug != .floorNotMoved) {
            world.reached(.compacted)
        }
    }

    private func page(
        _ changes: [PullReply.Change],
        of stream: HubImage.Stream,
        upTo position: Int64,
        more: Bool,
        in image: HubImage
    ) -> ServedPage {
        ServedPage(
            reply: PullReply(
                changes: changes,
                position: position,
                more: more,
                hub: image.instance,
                serverTime: time,
                checkpoint: more ? nil : stream.checkpoint
            ),
            rows: stream.rows.compactMapValues(\.payload)
        )
    }

    /// An administrator changes a row of the configuration, or removes it.
    func changeConfiguration() {
        for _ in 0..<world.random.integer(in: 1...3) {
            let key = "row/\(world.random.index(below: 12))"
            let payload = world.random.chance(0.25) ? nil : String(world.random.next() % 1000)
            image.streams["config", default: .init()].write(key, payload, second: second)
        }
        for agent in world.agents { hint(agent) }
    }

    /// Somebody sends a patient to a device.
    func issueCommand(to index: Int) {
        // Commands wait until everybody has told what the Hub has forgotten.
        guard image.recoveringSince == nil else { return }
        let id = world.identifier(at: time.milliseconds)
        let row = CommandRow(
            patient: world.random.index(below: 3),
            expiresAt: time.milliseconds + world.random.integer(in: 1...90) * 1000,
            fence: image.fence
        )
        image.commands[id] = HubImage.IssuedCommand(agent: index)
        image.streams["work/\(index)", default: .init()]
            .write(Command.keyPrefix + id.description, row.text, second: second)
        for agent in world.agents where agent.account == index { hint(agent) }
    }

    /// Somebody takes the newest command of an Agent back.
    func cancelCommand(of index: Int) {
        let name = "work/\(index)"
        let newest = image.streams[name]?.rows.filter { $0.value.payload != nil }
            .max { $0.value.position < $1.value.position }
        guard let newest else { return }
        image.streams[name]?.write(newest.key, nil, second: second)
    }

    func hint(_ agent: SimAgent) {
        world.network.hint(to: agent.index) { agent.pull?.ring() }
    }
}

extension SnapshotReason {
    fileprivate var mark: Mark {
        switch self {
        case .digest: .snapshotForDigest
        case .cursor: .snapshotForCursor
        case .hub: .snapshotForHub
        }
    }
}
