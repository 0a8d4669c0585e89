import Shared
import Sync

/// What is to be done about a command now: pure, so that every reason not to deliver is tested alone.
enum DeliveryDecision: Equatable {
    case deliver
    case settle(CommandFact.State, code: String?)
    /// What may be in its place already is looked at before anything is said of it.
    case findOut

    /// What the decision depends on beside the command.
    struct Circumstances: Sendable {
        /// How long the command may still be delivered.
        var remaining: Duration
        /// The highest fence that the Hub has named.
        var fence: Int64
        /// The device as this PC's configuration has it; nil where it may not be sent to.
        var target: SendTarget?
        /// Whether an administrator has enabled this kind for the device.
        var isEnabled: Bool
        /// Who is at the device; nil where nothing says.
        var present: DevicePatient?
        /// Why the last attempt failed.
        var failure: DeliveryFailure?
    }

    init(_ stored: StoredCommand, _ now: Circumstances) {
        let isOver = now.remaining <= .zero
        if stored.state == .placing {
            self = isOver || stored.isCancelled ? .findOut : .deliver
            return
        }
        guard let command = stored.command else {
            self = .settle(.failed, code: "notUnderstood")
            return
        }
        if stored.isCancelled {
            self = .settle(.cancelled, code: nil)
        } else if isOver {
            self = Self.end(after: now.failure)
        } else if stored.fence < now.fence {
            self = .settle(.refused, code: "fenceOld")
        } else if now.target?.kind != command.kind || !now.isEnabled {
            self = .settle(.refused, code: "notEnabled")
        } else if command.kind == .phoropterImport, let present = now.present,
            command.patient.differs(from: present)
        {
            self = .settle(.refused, code: "patientDiffers")
        } else {
            self = .deliver
        }
    }

    /// Time is over: expired where the device was not to be reached, failed where it was.
    static func end(after failure: DeliveryFailure?) -> DeliveryDecision {
        switch failure {
        case nil, .tooLate?: .settle(.expired, code: nil)
        case .folderAway?, .hanging?: .settle(.expired, code: failure?.code)
        case let failure?: .settle(.failed, code: failure.code)
        }
    }
}
