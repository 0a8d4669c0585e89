import Shared
import Sync

/// What an Agent's transaction does with the rows of a page beside keeping them, as `PulledWork`
/// does: commands are received, and cancelled.
struct PulledCommands {
    /// False for the configuration: whoever needs a row reads it.
    let isWork: Bool
    let now: Instant
    let serverTime: Instant
    /// Two for each row: what it may have to tell the Hub.
    var identifiers: [Identifier]
    /// What the Hub is told.
    private(set) var told: [Operation] = []
    private(set) var superseded = 0

    init(isWork: Bool, now: Instant, serverTime: Instant, identifiers: [Identifier]) {
        self.isWork = isWork
        self.now = now
        self.serverTime = serverTime
        self.identifiers = identifiers
    }

    /// Receives a command; one that is known comes again with a snapshot.
    mutating func receive(
        _ key: String,
        _ payload: String,
        at position: Int64,
        in image: inout AgentImage
    ) {
        guard isWork, let id = Self.identifier(key), let row = CommandRow(payload),
            image.command(id) == nil
        else { return }
        let isOld = row.fence < image.fence
        image.fence = max(image.fence, row.fence)
        image.commands.append(
            AgentImage.StoredCommand(
                id: id,
                position: position,
                fence: row.fence,
                patient: row.patient,
                expiresAt: Instant(milliseconds: row.expiresAt),
                clockOffset: serverTime.milliseconds - now.milliseconds,
                state: isOld ? .settled(.refused) : .received
            )
        )
        tell(id, isOld ? .refused : .received, in: &image)
        guard !isOld else { return }
        // One at a time can wait for one patient.
        let older = image.commands.indices.dropLast().first { index in
            image.commands[index].state == .received && !image.commands[index].isCancelled
                && image.commands[index].patient == row.patient
        }
        guard let older else { return }
        image.commands[older].state = .settled(.superseded)
        tell(image.commands[older].id, .superseded, in: &image)
        superseded += 1
    }

    /// A command that was taken back; what may be in its place already tells for itself.
    func forget(_ key: String, in image: inout AgentImage) {
        guard isWork, let id = Self.identifier(key), let index = image.command(id),
            !image.commands[index].isOver
        else { return }
        image.commands[index].isCancelled = true
    }

    private mutating func tell(
        _ command: Identifier,
        _ state: CommandFact.State,
        in image: inout AgentImage
    ) {
        guard let id = identifiers.popLast() else { return }
        let fact = SimFact.command(command, state).operation(id: id, at: now.milliseconds)
        told.append(fact)
        image.append([fact])
    }

    private static func identifier(_ key: String) -> Identifier? {
        guard key.hasPrefix(Command.keyPrefix) else { return nil }
        return Identifier(String(key.dropFirst(Command.keyPrefix.count)))
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
