import Shared
import Sync

/// What an Agent's transaction does with a page of rows or of commands.
struct PulledCommands {
    let bug: SeededBug?
    let now: Instant
    let serverTime: Instant
    /// Two for each change: what it may have to tell the Hub.
    let identifiers: [[Identifier]]

    /// Puts and removes rows of the configuration.
    func applyRows(_ reply: PullReply, to image: inout AgentImage) {
        for change in reply.changes {
            if change.kind == .put {
                image.configuration[change.key] = change.payload
            } else if bug != .removalIgnored {
                image.configuration[change.key] = nil
            }
        }
    }

    /// Receives and cancels commands; answers what the Hub is told, and how many were superseded.
    func apply(_ reply: PullReply, to image: inout AgentImage) -> ([Operation], Int) {
        var told: [Operation] = []
        var superseded = 0
        for (change, identifiers) in zip(reply.changes, identifiers) {
            guard let id = Identifier(String(change.key.dropFirst(Command.keyPrefix.count))) else {
                continue
            }
            guard change.kind == .put, let row = CommandRow(change.payload ?? "") else {
                if let index = image.command(id), !image.commands[index].isOver {
                    image.commands[index].isCancelled = true
                }
                continue
            }
            guard image.command(id) == nil else { continue }
            let isOld = row.fence < image.fence
            image.fence = max(image.fence, row.fence)
            image.commands.append(
                AgentImage.StoredCommand(
                    id: id,
                    position: change.position,
                    fence: row.fence,
                    patient: row.patient,
                    expiresAt: Instant(milliseconds: row.expiresAt),
                    clockOffset: serverTime.milliseconds - now.milliseconds,
                    state: isOld ? .settled(.refused) : .received
                )
            )
            told.append(fact(id, isOld ? .refused : .received, identifiers[0]))
            guard !isOld else { continue }
            // One at a time can wait for one patient, so that one identifier is enough.
            let older = image.commands.indices.dropLast().first { index in
                image.commands[index].state == .received && !image.commands[index].isCancelled
                    && image.commands[index].patient == row.patient
            }
            guard let older else { continue }
            image.commands[older].state = .settled(.superseded)
            told.append(fact(image.commands[older].id, .superseded, identifiers[1]))
            superseded += 1
        }
        image.append(told)
        return (told, superseded)
    }

    private func fact(
        _ command: Identifier,
        _ state: CommandFact.State,
        _ id: Identifier
    ) -> Operation {
        SimFact.command(command, state).operation(id: id, at: now.milliseconds)
    }
}

/// A command as a row of the class `work`.
struct CommandRow {
    var patient: Int
    /// The Hub's clock.
    var expiresAt: Int64
    var fence: Int64

    init(patient: Int, expiresAt: Int64, fence: Int64) {
        self.patient = patient
        self.expiresAt = expiresAt
        self.fence = fence
    }

    init?(_ text: String) {
        let parts = text.split(separator: " ").compactMap { Int64($0) }
        guard parts.count == 3 else { return nil }
        self.init(patient: Int(parts[0]), expiresAt: parts[1], fence: parts[2])
    }

    var text: String { "\(patient) \(expiresAt) \(fence)" }
}
