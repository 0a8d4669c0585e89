/// The version of this build, as the Hub and `--version` show it.
package enum AgentVersion {
    package static let current = "0.1.0"
}
