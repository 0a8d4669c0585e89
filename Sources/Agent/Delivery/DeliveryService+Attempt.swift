import DeviceFormats
import Shared
import Sync

extension DeliveryService {
    /// Tries to deliver, and settles what came of it.
    func attempt(
        _ stored: StoredCommand,
        deadline: ContinuousClock.Instant
    ) async throws {
        guard let command = stored.command, let target = targets[stored.device],
            let lane = lanes[stored.device]
        else { return }
        let content: DeliveryContent
        do throws(WritingRefusal) {
            content = try DeliveryContent(command, for: target)
        } catch {
            return try await settle(stored, as: .refused, code: error.rawValue)
        }
        do {
            guard let result = try await deliver(content, stored, target, lane, deadline) else {
                return
            }
            try await settle(stored, as: .delivered, code: result.code)
        } catch DeliveryFailure.tooLate {
            try await settle(stored, as: .expired, code: attempts[stored.id]?.failure?.code)
        }
    }

    /// Nil where the command was taken back in the meantime.
    private func deliver(
        _ content: DeliveryContent,
        _ stored: StoredCommand,
        _ target: SendTarget,
        _ lane: DeliveryLane,
        _ deadline: ContinuousClock.Instant
    ) async throws -> DeliveryResult? {
        let now = time.now
        switch content {
        case .file(let file):
            let delivery = FileDelivery(
                target: target,
                file: file,
                id: stored.id,
                checkpoint: checkpoint
            )
            if stored.state == .received {
                try await lane.run { try delivery.prepare() }
                guard try await claim(stored, content) else { return nil }
            }
            return try await lane.run { try delivery.place { now() < deadline } }
        case .index(let entry):
            let quiet = quiet[target.device] ?? IndexQuiet()
            let delivery = IndexDelivery(
                target: target,
                entry: entry,
                checkpoint: checkpoint,
                isQuiet: { quiet.isQuiet($0, at: now()) }
            )
            // What cannot be read is not begun: it expires without a doubt.
            _ = try await lane.run { try delivery.isDelivered() }
            guard try await claim(stored, content) else { return nil }
            return try await lane.run { try delivery.deliver { now() < deadline } }
        }
    }

    private func claim(_ stored: StoredCommand, _ content: DeliveryContent) async throws -> Bool {
        guard try await commands.claim(stored.id, writing: content.digest) else {
            doorbell.ring()
            return false
        }
        try checkpoint(.claimed)
        return true
    }

    /// Time is over, or the Hub has taken the command back, and it may be in its place already: the
    /// device's folder tells.
    func findOut(
        _ stored: StoredCommand,
        deadline: ContinuousClock.Instant
    ) async throws {
        let otherwise: CommandFact.State = stored.isCancelled ? .cancelled : .expired
        guard let command = stored.command, let target = targets[stored.device],
            let lane = lanes[stored.device],
            let content = try? DeliveryContent(command, for: target)
        else { return try await settle(stored, as: .failed, code: "outcomeUnknown") }
        do {
            switch content {
            case .file(let file):
                let delivery = FileDelivery(
                    target: target,
                    file: file,
                    id: stored.id,
                    checkpoint: checkpoint
                )
                let result = try await lane.run { try delivery.place { false } }
                try await settle(stored, as: .delivered, code: result.code)
            case .index(let entry):
                let delivery = IndexDelivery(
                    target: target,
                    entry: entry,
                    checkpoint: checkpoint,
                    isQuiet: { _ in true }
                )
                let isDelivered = try await lane.run { try delivery.isDelivered() }
                try await settle(stored, as: isDelivered ? .delivered : otherwise, code: nil)
            }
        } catch DeliveryFailure.tooLate {
            try await settle(stored, as: otherwise, code: nil)
        } catch DeliveryFailure.differs {
            try await settle(stored, as: .failed, code: DeliveryFailure.differs.code)
        } catch let failure as DeliveryFailure {
            guard time.now() < deadline.advanced(by: Self.findOutLimit) else {
                return try await settle(stored, as: .failed, code: "outcomeUnknown")
            }
            throw failure
        }
    }
}
