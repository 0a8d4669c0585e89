/// A device as udev described it at one moment; nothing in it goes back to the system.
package struct UdevDevice: Sendable, Hashable {
    /// Its folder in `/sys`: the name of the device as long as it is attached.
    package var path: String
    /// `tty`, `block` or `usb`.
    package var subsystem: String
    /// `disk`, `partition`, `usb_device`; nil where the subsystem has no types.
    package var type: String?
    /// Its node, such as `/dev/ttyUSB0`; nil where it has none.
    package var node: String?
    /// What udev's rules have found out, by udev's names.
    package var properties: [String: String]
    /// The USB device that it belongs to, from the kernel; nil where there is none.
    package var usb: USBIdentity?

    /// Takes the parts as they are.
    package init(
        path: String,
        subsystem: String,
        type: String? = nil,
        node: String? = nil,
        properties: [String: String] = [:],
        usb: USBIdentity? = nil
    ) {
        self.path = path
        self.subsystem = subsystem
        self.type = type
        self.node = node
        self.properties = properties
        self.usb = usb
    }

    /// What a USB device says of itself, as the kernel has read it.
    package struct USBIdentity: Sendable, Hashable {
        /// Four hexadecimal digits.
        package var vendor: String
        /// Four hexadecimal digits.
        package var product: String
        /// Nil where the maker gave none.
        package var serial: String?

        /// Takes the parts as they are.
        package init(vendor: String, product: String, serial: String? = nil) {
            self.vendor = vendor
            self.product = product
            self.serial = serial
        }
    }

    /// Properties of one device that are kept, and bytes of one value.
    package static let maximumProperties = 256
    package static let maximumValueBytes = 4096

    /// True where `other` is the same attachment of the same device, whatever has changed in it.
    ///
    /// A device that went and came back unnoticed has the same path and was initialised anew.
    func isSameAttachment(as other: UdevDevice) -> Bool {
        guard let mine = properties["USEC_INITIALIZED"],
            let theirs = other.properties["USEC_INITIALIZED"]
        else { return path == other.path }
        return path == other.path && mine == theirs
    }

    /// True where nothing that matters differs from `other`.
    func says(_ other: UdevDevice) -> Bool {
        var (mine, theirs) = (self, other)
        for name in ["ACTION", "SEQNUM", "SYNTH_UUID"] {
            mine.properties[name] = nil
            theirs.properties[name] = nil
        }
        return mine == theirs
    }
}
