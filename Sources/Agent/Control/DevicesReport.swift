import Folders
import Shared
import Sync
import Udev

/// What is attached to this PC and what becomes of it: `clinic-agent devices`.
package struct DevicesReport: Equatable, Sendable, Codable {
    /// Folders and attached devices, then the last ones that went.
    package var devices: [DeviceState]
    /// False where the service was not asked: then nothing is known but what is attached.
    package var isLive: Bool
    /// Why no device is noticed; nil where all is well.
    package var problem: String?

    /// Takes the parts as they are.
    package init(devices: [DeviceState] = [], isLive: Bool = true, problem: String? = nil) {
        self.devices = devices
        self.isLive = isLive
        self.problem = problem
    }
}

extension DevicesReport {
    /// The report of an Agent that runs.
    init(_ board: DeviceBoard, _ sources: [SourceConfiguration], _ monitors: [SourceMonitor]) {
        let folders = zip(sources, monitors).map { source, monitor in
            DeviceState(source, monitor.status, since: board.since(of: source.name))
        }
        self.init(devices: folders + board.devices, problem: board.udevProblem)
    }

    /// What is attached, found out without the Agent.
    ///
    /// Errors: `UdevError`.
    init(_ configuration: AgentConfiguration) throws(UdevError) {
        var attachments = Attachments()
        let rules = DeviceRules(local: configuration.deviceRules)
        let present = try UdevEvents.present(subsystems: ["tty", "block"])
        var inputs = present.flatMap { attachments.take(.present($0)) }
        inputs += attachments.take(MountedFolders.present(in: configuration.mediaDirectory))
        var supervisor = DeviceSupervisor()
        let now = Moment(steady: .now, wall: .init(milliseconds: 0))
        _ = supervisor.handle(.rules(rules), at: now)
        for input in inputs { _ = supervisor.handle(input, at: now) }
        self.init(
            devices: supervisor.states.map { state in
                var state = state
                state.state = .unserved
                return state
            },
            isLive: false
        )
    }
}
