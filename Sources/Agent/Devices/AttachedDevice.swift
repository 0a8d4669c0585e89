import Foundation
import Sync
import Udev

/// Something that is attached to this PC and may be a measuring device, or hold its files.
struct AttachedDevice: Equatable, Sendable {
    /// What this attachment is called as long as it lasts: the folder in `/sys`, the mount point.
    var id: String
    var attachment: DeviceFact.Attachment
    /// What a driver opens: `/dev/ttyUSB0`, or the folder of a medium.
    var node: String
    var adapter: DeviceFact.Adapter
    /// The identifier of a medium's file system.
    var fileSystem: String?
    /// Which of several ports or partitions of one device this is; nil for the first or only one.
    var part: String?

    /// Takes the parts as they are.
    init(
        id: String,
        attachment: DeviceFact.Attachment,
        node: String,
        adapter: DeviceFact.Adapter = DeviceFact.Adapter(),
        fileSystem: String? = nil,
        part: String? = nil
    ) {
        self.id = id
        self.attachment = attachment
        self.node = node
        self.adapter = adapter
        self.fileSystem = fileSystem
        self.part = part
    }

    /// True for an adapter that can be pulled out; a built-in port is always there.
    var isAdapter: Bool { adapter.vendor != nil }
}

extension AttachedDevice {
    /// The serial port that udev tells of; nil for anything else.
    init?(serial device: UdevDevice) {
        guard device.subsystem == "tty", let node = device.node else { return nil }
        let (properties, name) = (device.properties, device.path.split(separator: "/").last ?? "")
        let isUSB = device.usb != nil || properties["ID_BUS"] == "usb"
        // Consoles and pseudo terminals are ttys as well.
        guard isUSB || Self.isBuiltInPort(String(name)) else { return nil }
        self.init(
            id: device.path,
            attachment: .serial,
            node: node,
            adapter: Self.adapter(device),
            part: properties["ID_USB_INTERFACE_NUM"].flatMap { $0 == "00" ? nil : $0 }
        )
    }

    /// The medium whose partition or disk udev tells of, mounted at `folder`.
    init?(medium device: UdevDevice, mountedAt folder: String) {
        guard device.subsystem == "block" else { return nil }
        let part = device.properties["ID_PART_ENTRY_NUMBER"] ?? device.properties["PARTN"]
        var adapter = Self.adapter(device)
        adapter.label = Self.text(device.properties["ID_FS_LABEL"])
        adapter.mountPath = folder
        self.init(
            id: folder,
            attachment: .media,
            node: folder,
            adapter: adapter,
            fileSystem: Self.text(device.properties["ID_FS_UUID"]),
            part: part.flatMap { $0 == "1" ? nil : $0 }
        )
    }

    private static func adapter(_ device: UdevDevice) -> DeviceFact.Adapter {
        let properties = device.properties
        let vendor = properties["ID_USB_VENDOR_ID"] ?? properties["ID_VENDOR_ID"]
        let product = properties["ID_USB_MODEL_ID"] ?? properties["ID_MODEL_ID"]
        let serial = properties["ID_USB_SERIAL_SHORT"] ?? properties["ID_SERIAL_SHORT"]
        return DeviceFact.Adapter(
            vendor: identity(device.usb?.vendor ?? vendor),
            product: identity(device.usb?.product ?? product),
            serial: serialNumber(serial ?? device.usb?.serial),
            portPath: text(properties["ID_PATH"]),
            title: title(properties)
        )
    }

    private static func title(_ properties: [String: String]) -> String? {
        let parts = [
            properties["ID_VENDOR_FROM_DATABASE"] ?? properties["ID_VENDOR"],
            properties["ID_MODEL_FROM_DATABASE"] ?? properties["ID_MODEL"],
        ]
        return text(parts.compactMap(\.self).joined(separator: " "))
    }

    private static func identity(_ text: String?) -> String? {
        guard let text, text.utf8.count == 4,
            text.allSatisfy({ $0.isASCII && $0.isHexDigit })
        else { return nil }
        return text.lowercased()
    }

    /// Numbers that chips have ex factory name nobody.
    private static let placeholders: Set<String> = [
        "0", "0000", "0001", "00000000", "00000001", "1234", "123456", "12345678",
        "0123456789ABCDEF", "0123456789abcdef",
    ]

    private static func serialNumber(_ number: String?) -> String? {
        text(number).flatMap { placeholders.contains($0) ? nil : $0 }
    }

    /// At most 128 printable characters; a device may call itself anything.
    private static func text(_ value: String?) -> String? {
        guard let value else { return nil }
        let scalars = value.unicodeScalars.filter {
            ![.control, .format, .surrogate, .lineSeparator, .paragraphSeparator]
                .contains($0.properties.generalCategory)
        }
        let text = String(String.UnicodeScalarView(scalars.prefix(128)))
            .trimmingCharacters(in: .whitespaces)
        return text.isEmpty ? nil : text
    }

    private static func isBuiltInPort(_ name: String) -> Bool {
        ["ttyS", "ttyAMA", "ttyUSB", "ttyACM"].contains { prefix in
            name.hasPrefix(prefix) && Int(name.dropFirst(prefix.count)) != nil
        }
    }
}
