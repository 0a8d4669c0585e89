import Shared
import Sync

/// A page, with what the Hub's rows were when it was made: the Agent does not see that.
struct ServedPage {
    var reply: PullReply
    var rows: [String: String]
    var lineage: Int
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
            let stream = image.streams[name == "work" ? "work/\(index)" : name] ?? .init()
            let isByTime = world.bug == .timestampCursor
            let second = stream.rows.values.first { $0.position == position }?.second ?? 0
            let behind = stream.rows.filter {
                $0.value.position > position && !(isByTime && $0.value.second <= second)
            }
            .sorted { $0.value.position < $1.value.position }
            let changes = behind.prefix(Self.pageSize).map { key, row in
                PullReply.Change(
                    position: row.position,
                    key: key,
                    kind: row.payload == nil ? .remove : .put,
                    rowVersion: row.version,
                    payload: row.payload
                )
            }
            return ServedPage(
                reply: PullReply(
                    changes: changes,
                    position: changes.last?.position ?? position,
                    more: behind.count > Self.pageSize,
                    hub: image.instance,
                    serverTime: time
                ),
                rows: stream.rows.compactMapValues(\.payload),
                lineage: lineage
            )
        }
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

    private func hint(_ agent: SimAgent) {
        world.network.hint(to: agent.index) { agent.pull?.ring() }
    }
}
