import ClinicRig
import Foundation
import Shared
import Simulator
import Testing

/// Adapters and sticks that come and go under the real Agent.
@Suite(.serialized, .timeLimit(.minutes(5))) struct HotplugTests {
    /// An invented refraction, as an RM-8000 sends it.
    private static let frame =
        Array("A\rR\r+ 0.75\r- 1.50\r 85\r\rL\r- 3.00\r 0.00\r 0\r\r58.5\r".utf8) + [4]

    /// The adapter of this number sends refractions.
    private static let rules = """
        devices: [refractometer]
        device:
          refractometer:
            serial: RM8000A
            driver: rm8000
        """

    private static let adapters: [(name: String, usb: String, serial: String, key: String)] = [
        ("ttyUSB0", "0403 6001", "A10X42QZ", "usb:0403:6001:A10X42QZ"),
        ("ttyUSB1", "067b 2303", "-", "port:pci-0000:00:14.0-usb-0:2:1.0"),
        ("ttyUSB2", "10c4 ea60", "0145F9C2", "usb:10c4:ea60:0145F9C2"),
    ]

    private func digits(_ bytes: some Collection<UInt8>) -> String {
        Hexadecimal.encode(Array(bytes))
    }

    @Test func `adapters are served when plugged in, let go of, and served again`() async throws {
        try await HotplugRig.run { rig in
            for round in 1...2 {
                for (port, adapter) in Self.adapters.enumerated() {
                    try await rig.tell(
                        "plug",
                        adapter.name,
                        adapter.usb,
                        adapter.serial,
                        "\(port + 1)"
                    )
                }
                for adapter in Self.adapters {
                    try await rig.wait(adapter.key, is: "ready")
                }
                for adapter in Self.adapters { try await rig.tell("unplug", adapter.name) }
                for adapter in Self.adapters {
                    try await rig.wait(adapter.key, is: "detached")
                }
                #expect(try await rig.devices().count == Self.adapters.count, "round \(round)")
            }
        }
    }

    @Test func `another adapter under the same name is another device`() async throws {
        try await HotplugRig.run { rig in
            try await rig.tell("plug", "ttyUSB0", "0403 6001 FIRST 1")
            try await rig.wait("usb:0403:6001:FIRST", is: "ready")
            try await rig.tell("unplug", "ttyUSB0")
            try await rig.tell("plug", "ttyUSB0", "0403 6001 SECOND 1")
            try await rig.wait("usb:0403:6001:SECOND", is: "ready")
            try await rig.wait("usb:0403:6001:FIRST", is: "detached")
        }
    }

    @Test func `ten adapters at once are ten drivers`() async throws {
        try await HotplugRig.run { rig in
            let keys = (0..<10).map { "usb:0403:6001:N\($0)" }
            for number in 0..<10 {
                try await rig.tell("plug", "ttyUSB\(number)", "0403 6001 N\(number) \(number)")
            }
            for key in keys { try await rig.wait(key, is: "ready") }
            for number in 0..<10 { try await rig.tell("unplug", "ttyUSB\(number)") }
            for key in keys { try await rig.wait(key, is: "detached") }
        }
    }

    @Test func `what was there before the Agent is served too`() async throws {
        try await HotplugRig.run { rig in
            try await rig.tell("stop")
            try await rig.tell("plug", "ttyUSB0", "0403 6001 EARLY 1")
            try await rig.start()
            try await rig.wait("usb:0403:6001:EARLY", is: "ready")
        }
    }

    @Test func `a transmission becomes a reading, and one that is cut is kept and said to be`()
        async throws
    {
        let key = "usb:0403:6001:RM8000A"
        try await HotplugRig.run(rules: Self.rules) { rig in
            try await rig.tell("plug", "ttyUSB0", "0403 6001 RM8000A 1")
            try await rig.wait(key, is: "ready")
            try await rig.tell("write", "ttyUSB0", digits(Self.frame.prefix(11)))
            try await rig.tell("write", "ttyUSB0", digits(Self.frame.dropFirst(11)))
            try await rig.wait("the transmission is taken") {
                try await rig.pending("document") == 1
            }
            #expect(try await rig.pending("reading") == 1)
            try await rig.tell("write", "ttyUSB0", digits(Self.frame.prefix(20)))
            try await rig.wait("the beginning has come") {
                try await rig.number("bytes", of: key) == Self.frame.count + 20
            }
            try await rig.tell("unplug", "ttyUSB0")
            try await rig.wait(key, is: "detached/cut-detached")
            #expect(try await rig.pending("document") == 2)
            // The next one is whole again.
            try await rig.tell("plug", "ttyUSB0", "0403 6001 RM8000A 1")
            try await rig.wait(key, is: "ready")
            try await rig.tell("write", "ttyUSB0", digits(Self.frame))
            try await rig.wait("the next one is taken") {
                try await rig.pending("document") == 3
            }
        }
    }

    @Test func `an Agent that is killed in a transfer has lost nothing that had come`()
        async throws
    {
        let key = "usb:0403:6001:RM8000A"
        try await HotplugRig.run(rules: Self.rules) { rig in
            try await rig.tell("plug", "ttyUSB0", "0403 6001 RM8000A 1")
            try await rig.wait(key, is: "ready")
            try await rig.tell("write", "ttyUSB0", digits(Self.frame.prefix(25)))
            try await rig.wait("the beginning has come") {
                try await rig.number("bytes", of: key) == 25
            }
            try await rig.tell("kill")
            try await rig.tell("unplug", "ttyUSB0")
            try await rig.start()
            try await rig.wait("what had come is a document") {
                try await rig.pending("document") == 1
            }
        }
    }

    @Test func `a stick is read once and is safe to remove, whatever it is called`() async throws {
        try await HotplugRig.run { rig in
            let stick = rig.folder + "/stick"
            for file in SimulatedDocuments(device: .l80, seed: 5).prefix(12) {
                let path = ([stick] + file.path).joined(separator: "/")
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent,
                    withIntermediateDirectories: true
                )
                try Data(file.bytes).write(to: URL(filePath: path))
            }
            try Data([0xFF, 0xD8]).write(to: URL(filePath: stick + "/holiday.jpg"))
            try await rig.tell("stick", "sda1", "STICK01", "EXPORT", stick)
            try await rig.wait("media:STICK01", is: "safeToRemove")
            let documents = try await rig.pending("document")
            #expect(documents > 0)
            #expect(documents <= 12)
            try await rig.tell("pull", "sda1")
            try await rig.wait("media:STICK01", is: "detached")
            try await rig.tell("stick", "sda1", "OTHERNAME", "BACKUP", stick)
            try await rig.wait("media:OTHERNAME", is: "safeToRemove")
            #expect(try await rig.pending("document") == documents)
        }
    }

    @Test func `a stick that is pulled out in the middle is read to its end when it is back`()
        async throws
    {
        try await HotplugRig.run { rig in
            let stick = rig.folder + "/stick"
            // And settings.ini, which begins as an exam does: a person decides about that.
            let count = try SimulatedStick(visits: 400, seed: 3).write(into: stick) + 1
            let agent = try await rig.tell("pid")
            try await rig.tell("stick", "sda1", "STICK01", "EXPORT", stick)
            try await rig.tell("pull", "sda1", "media-stick01")
            // By whether udev's word comes before the last file's.
            let told = ["detached/removed", "detached/unreadable-files"]
            try await rig.wait("it is told that not all was read") {
                told.contains(try await rig.devices()["media:STICK01"] ?? "")
            }
            let taken = try await rig.pending("document")
            #expect(taken < count)
            try await rig.tell("stick", "sda1", "STICK01", "EXPORT", stick)
            try await rig.wait("media:STICK01", is: "safeToRemove")
            // Each once: what was taken before, and the rest.
            #expect(try await rig.pending("document") == count)
            #expect(try await rig.tell("pid") == agent)
        }
    }

    @Test func `plugging in and out again and again leaks nothing`() async throws {
        let wanted = ProcessInfo.processInfo.environment["CLINIC_HOTPLUG_CYCLES"]
        let cycles = wanted.flatMap { Int($0) } ?? 100
        let key = "usb:0403:6001:RM8000A"
        try await HotplugRig.run(rules: Self.rules) { rig in
            func cycle() async throws {
                try await rig.tell("plug", "ttyUSB0", "0403 6001 RM8000A 1")
                try await rig.wait(key, is: "ready")
                try await rig.tell("unplug", "ttyUSB0")
                try await rig.wait(key, is: "detached")
            }
            // What grows once, such as pools and caches, has grown then.
            for _ in 0..<cycles / 4 { try await cycle() }
            let before = try await rig.usage()
            for _ in 0..<cycles { try await cycle() }
            try await rig.wait("descriptors and threads are as before") {
                let usage = try await rig.usage()
                return usage.descriptors <= before.descriptors && usage.threads <= before.threads
            }
            let growth = try await rig.usage().memory - before.memory
            print("\(cycles) cycles: memory grew by \(growth) KiB from \(before.memory) KiB")
            // A kilobyte or two of each question to the control socket comes back later.
            #expect(growth < 16 * 1024)
            // The Hub is told of what lasts, not of each time.
            #expect(try await rig.pending("device") < 20 + cycles / 10)
        }
    }
}
