import Logging

@testable import Agent

extension AgentConfiguration {
    /// A configuration without sources; the state folder is to be set.
    static var sample: AgentConfiguration {
        AgentConfiguration(
            workstation: "Room 1",
            stateDirectory: "/nowhere",
            controlSocket: "/nowhere/control.sock",
            controlGroup: "clinic-agent",
            hubURL: nil,
            quotaMegabytes: 64,
            retentionDays: 35,
            logLevel: .info,
            sources: []
        )
    }
}
