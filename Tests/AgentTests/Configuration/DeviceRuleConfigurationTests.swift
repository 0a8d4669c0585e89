import Sync
import Testing

@testable import Agent

@Suite struct `The rules of a configuration` {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func rules(_ keys: String...) async throws -> [DeviceRule] {
        let lines =
            ["workstation: Room 1", "state: {directory: /tmp/state}", "devices: [lensmeter]"]
            + ["device:", "  lensmeter:"] + keys.map { "    \($0)" }
        try folder.write(Array(lines.joined(separator: "\n").utf8), to: "agent.yaml")
        let configuration = try await AgentConfiguration(
            file: "\(folder.path)/agent.yaml",
            environment: [:]
        )
        return configuration.deviceRules
    }

    @Test func `name an adapter and its line`() async throws {
        let rule = try await rules(
            "driver: l70",
            "vendor: \"0403\"",
            "product: \"6001\"",
            "serial: A10X42QZ",
            "baud: 2400",
            "parity: even"
        ).first
        #expect(rule?.driver == "l70")
        #expect(rule?.vendor == "0403")
        #expect(rule?.product == "6001")
        #expect(rule?.serial == "A10X42QZ")
        #expect(rule?.line == DeviceRule.Line(baud: 2400, parity: "even"))
    }

    @Test func `without a line it is the protocol's own`() async throws {
        let rule = try await rules("driver: l70", "portPath: /dev/ttyS0").first
        #expect(rule?.portPath == "/dev/ttyS0")
        #expect(rule?.line == nil)
    }

    @Test(arguments: ["dataBits: 7", "parity: even", "stopBits: 2", "dtr: false", "rts: false"])
    func `a part of a line without its speed is refused, and not passed over`(
        key: String
    ) async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            _ = try await rules("driver: l70", key)
        }
        #expect(error?.key == "device.lensmeter.baud")
    }
}
