import Shared
import Sync
import Testing
import Udev

@testable import Agent

@Suite struct `Which driver serves which device` {
    private func rule(
        _ number: UInt8 = 1,
        vendor: String? = nil,
        product: String? = nil,
        serial: String? = nil,
        portPath: String? = nil,
        mountPath: String? = nil,
        label: String? = nil,
        driver: String = "l70",
        line: DeviceRule.Line? = nil
    ) -> DeviceRule {
        DeviceRule(
            id: Identifier(derivedFrom: [[number]]),
            vendor: vendor,
            product: product,
            serial: serial,
            portPath: portPath,
            mountPath: mountPath,
            label: label,
            driver: driver,
            line: line
        )
    }

    @Test(
        arguments: [
            ("0403", "6001"), ("067b", "2303"), ("10c4", "ea60"), ("1a86", "7523"),
        ]
    )
    func `the usual adapters are recorded without a rule`(vendor: String, product: String) {
        let device = DeviceSample.port(DeviceSample.tty(vendor: vendor, product: product))
        #expect(
            DeviceRules().plan(for: device) == .serial(protocolName: "recorder", line: nil)
        )
    }

    @Test func `the rule that names the most wins`() {
        let line = DeviceRule.Line(baud: 2400)
        let rules = DeviceRules(
            hub: [
                rule(1, vendor: "0403", driver: "recorder"),
                rule(2, vendor: "0403", product: "6001", serial: "A10X42QZ", line: line),
                rule(3, vendor: "0403", product: "6001", driver: "rm8000"),
            ]
        )
        #expect(
            rules.plan(for: DeviceSample.port()) == .serial(protocolName: "l70", line: line)
        )
    }

    @Test func `of two that name as much, the one of this PC wins`() {
        let rules = DeviceRules(
            local: [rule(1, serial: "A10X42QZ", driver: "kr8900")],
            hub: [rule(2, serial: "A10X42QZ", driver: "rm8000")]
        )
        #expect(rules.plan(for: DeviceSample.port()).driver == "kr8900")
    }

    @Test func `a rule of which one part is another does not match`() {
        let rules = DeviceRules(hub: [rule(vendor: "0403", serial: "ANOTHER")])
        #expect(rules.plan(for: DeviceSample.port()).driver == "recorder")
    }

    @Test func `vendor and product match in either case`() {
        let device = DeviceSample.port(DeviceSample.tty(vendor: "10c4", product: "ea60"))
        let rules = DeviceRules(hub: [rule(vendor: "10C4", product: "EA60")])
        #expect(rules.plan(for: device).driver == "l70")
    }

    @Test func `what is ignored has no driver and no problem`() {
        let rules = DeviceRules(hub: [rule(vendor: "0403", driver: "ignore")])
        #expect(rules.plan(for: DeviceSample.port()) == .leave(nil))
    }

    @Test func `a driver that this version does not have is said, and no other is taken`() {
        let rules = DeviceRules(hub: [rule(vendor: "0403", driver: "from-the-future")])
        guard case .leave(let problem?) = rules.plan(for: DeviceSample.port()) else {
            Issue.record("it was served")
            return
        }
        #expect(problem.code == "unknown-driver")
    }

    @Test func `a rule for ports does not take a stick, nor one for sticks a port`() throws {
        let stick = try #require(
            AttachedDevice(medium: DeviceSample.block(), mountedAt: "/run/clinic-media/sda1")
        )
        let rules = DeviceRules(hub: [rule(1, driver: "l70"), rule(2, driver: "media")])
        #expect(rules.plan(for: stick) == .media)
        #expect(rules.plan(for: DeviceSample.port()).driver == "l70")
        let ignored = DeviceRules(hub: [rule(label: "EXPORT", driver: "ignore")])
        #expect(ignored.plan(for: stick) == .leave(nil))
    }

    @Test func `a built-in port is left alone unless a rule names it`() {
        let builtIn = UdevDevice(
            path: "/sys/devices/platform/serial8250/tty/ttyS0",
            subsystem: "tty",
            node: "/dev/ttyS0"
        )
        let port = DeviceSample.port(builtIn)
        #expect(DeviceRules().plan(for: port) == .leave(nil))
        #expect(DeviceRules(hub: [rule()]).plan(for: port) == .leave(nil))
        #expect(
            DeviceRules(hub: [rule(portPath: "/dev/ttyS0")]).plan(for: port).driver == "l70"
        )
    }
}

@Suite struct `What a device is called` {
    @Test func `by its serial number, wherever it is plugged in`() {
        #expect(
            DeviceKey.candidates(for: DeviceSample.port()).first == "usb:0403:6001:A10X42QZ"
        )
    }

    @Test(arguments: [nil, "0001", "", "  "] as [String?])
    func `without a number of its own, by its port`(serial: String?) {
        let device = DeviceSample.tty(vendor: "067b", product: "2303", serial: serial)
        #expect(
            DeviceKey.candidates(for: DeviceSample.port(device)).first
                == "port:pci-0000:00:14.0-usb-0:2:1.0"
        )
    }

    @Test func `the second port of an adapter has a name of its own`() {
        let second = DeviceSample.tty(product: "6010", interface: "01")
        #expect(
            DeviceKey.candidates(for: DeviceSample.port(second)).first
                == "usb:0403:6010:A10X42QZ:01"
        )
    }

    @Test func `a stick by its number, else by its file system`() throws {
        let stick = try #require(
            AttachedDevice(
                medium: DeviceSample.block(serial: nil),
                mountedAt: "/run/clinic-media/sda1"
            )
        )
        #expect(DeviceKey.candidates(for: stick).first == "media:1C2D-3E4F")
        let second = try #require(
            AttachedDevice(medium: DeviceSample.block(part: "2"), mountedAt: "/m/sda2")
        )
        #expect(DeviceKey.candidates(for: second).first == "media:STICK01:2")
    }

    @Test func `what a device calls itself is cut and cleaned`() {
        let long = String(repeating: "x", count: 4000)
        let device = DeviceSample.port(DeviceSample.tty(serial: "A\u{1B}[2J\u{202E}B" + long))
        let serial = device.adapter.serial ?? ""
        #expect(serial.hasPrefix("A[2JBx"))
        #expect(serial.count == 128)
    }

    @Test func `the name of its source is one that a source may have`() {
        #expect(DeviceKey.sourceName(of: "usb:0403:6001:A10X42QZ") == "usb-0403-6001-a10x42qz")
        let long = DeviceKey.sourceName(of: "port:pci-0000:00:14.0-usb-0:2.4.1:1.0")
        let other = DeviceKey.sourceName(of: "port:pci-0000:00:14.0-usb-0:2.4.2:1.0")
        #expect(long.utf8.count == 32)
        #expect(long != other)
        #expect(AgentConfiguration.isSourceName(long))
    }

    @Test func `consoles and pseudo terminals are no ports`() {
        for name in ["tty1", "console", "ptmx", "ttyprintk", "ttySX"] {
            let device = UdevDevice(
                path: "/sys/devices/virtual/tty/\(name)",
                subsystem: "tty",
                node: "/dev/\(name)"
            )
            #expect(AttachedDevice(serial: device) == nil)
        }
    }
}
