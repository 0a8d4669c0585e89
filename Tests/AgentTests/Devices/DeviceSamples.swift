import Shared
import Sync
import Udev

@testable import Agent

/// Invented adapters and sticks, as udev describes such ones.
enum DeviceSample {
    static let usb = "/sys/devices/pci0000:00/0000:00:14.0/usb1"

    static func tty(
        _ node: String = "ttyUSB0",
        vendor: String = "0403",
        product: String = "6001",
        serial: String? = "A10X42QZ",
        port: String = "pci-0000:00:14.0-usb-0:2:1.0",
        interface: String = "00"
    ) -> UdevDevice {
        var properties = [
            "ID_BUS": "usb", "ID_VENDOR_ID": vendor, "ID_MODEL_ID": product, "ID_PATH": port,
            "ID_USB_INTERFACE_NUM": interface, "ID_MODEL": "USB_UART", "ID_VENDOR": "Maker",
        ]
        properties["ID_SERIAL_SHORT"] = serial
        return UdevDevice(
            path: "\(usb)/1-2/1-2:1.0/\(node)/tty/\(node)",
            subsystem: "tty",
            node: "/dev/\(node)",
            properties: properties,
            usb: UdevDevice.USBIdentity(vendor: vendor, product: product, serial: serial)
        )
    }

    static func port(_ device: UdevDevice = tty()) -> AttachedDevice {
        AttachedDevice(serial: device) ?? AttachedDevice(id: "", attachment: .serial, node: "")
    }

    static func block(
        _ node: String = "sda1",
        number: (String, String) = ("8", "1"),
        serial: String? = "STICK01",
        label: String? = "EXPORT",
        uuid: String = "1C2D-3E4F",
        part: String = "1"
    ) -> UdevDevice {
        var properties = [
            "ID_BUS": "usb", "MAJOR": number.0, "MINOR": number.1, "ID_FS_UUID": uuid,
            "ID_FS_TYPE": "vfat", "ID_PART_ENTRY_NUMBER": part,
        ]
        properties["ID_SERIAL_SHORT"] = serial
        properties["ID_FS_LABEL"] = label
        return UdevDevice(
            path: "\(usb)/1-3/block/sda/\(node)",
            subsystem: "block",
            type: "partition",
            node: "/dev/\(node)",
            properties: properties
        )
    }
}

/// A supervisor with a clock that a test moves.
struct SupervisorWorld {
    var supervisor = DeviceSupervisor()
    private let start = ContinuousClock.now
    var elapsed = Duration.zero

    var now: Moment {
        Moment(
            steady: start + elapsed,
            wall: Instant(milliseconds: 1_000_000).advanced(by: elapsed)
        )
    }

    /// How long until the supervisor wants to be woken; nil for never.
    var pause: Duration? { supervisor.nextDue.map { $0 - (start + elapsed) } }

    mutating func handle(_ input: DeviceSupervisor.Input) -> [DeviceSupervisor.Action] {
        supervisor.handle(input, at: now)
    }

    mutating func plug(_ device: AttachedDevice) -> DriverRun? {
        Self.run(in: handle(.attached(device)))
    }

    /// The same where a driver must start.
    mutating func start(_ device: AttachedDevice) throws -> DriverRun {
        guard let run = plug(device) else { throw NoDriver() }
        return run
    }

    struct NoDriver: Error {}

    mutating func tell(_ event: DriverEvent, _ run: DriverRun) -> [DeviceSupervisor.Action] {
        handle(.driver(id: run.id, run: run.run, event))
    }

    mutating func wait(_ duration: Duration) -> [DeviceSupervisor.Action] {
        elapsed += duration
        return handle(.time)
    }

    /// The next start, after so long, or when the supervisor wants to be woken.
    mutating func retried(after pause: Duration? = nil) throws -> DriverRun {
        guard let pause = pause ?? self.pause, let run = Self.run(in: wait(pause)) else {
            throw NoDriver()
        }
        return run
    }

    static func run(in actions: [DeviceSupervisor.Action]) -> DriverRun? {
        actions.lazy.compactMap { if case .start(let run) = $0 { run } else { nil } }.first
    }

    static func states(in actions: [DeviceSupervisor.Action]) -> [DeviceState] {
        actions.compactMap { if case .tell(let state) = $0 { state } else { nil } }
    }
}
