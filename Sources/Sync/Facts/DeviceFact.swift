package import Shared

/// The operation `device`, version 1: a device came, changed its state, or went.
///
/// The Hub shows the newest of each key; the others are the device's history.
package struct DeviceFact: Equatable, Sendable, Codable {
    /// The kind on the wire.
    package static let kind = "device"
    /// The version of this shape.
    package static let version = 1

    /// Names the device at this PC for good: `source:l80`, `usb:0403:6001:A10X42QZ`, or
    /// `port:…` where it has no serial number.
    package var key: String
    package var attachment: Attachment
    package var state: State
    /// The Agent's clock when it came into this state.
    package var since: Instant
    package var adapter: Adapter
    /// The driver that serves it, nil where none does: `folder`, `clientdb`, `l70`, `recorder`.
    package var driver: String?
    /// The name of the source in the facts of its documents; nil where it has given none.
    package var source: String?
    /// The kinds of `Command` that this PC's configuration lets the Hub send there.
    package var accepts: [String]
    /// What is wrong, in a code and a sentence without any patient's data.
    package var problem: Problem?

    /// Takes the parts as they are.
    package init(
        key: String,
        attachment: Attachment,
        state: State,
        since: Instant,
        adapter: Adapter = Adapter(),
        driver: String? = nil,
        source: String? = nil,
        accepts: [String] = [],
        problem: Problem? = nil
    ) {
        self.key = key
        self.attachment = attachment
        self.state = state
        self.since = since
        self.adapter = adapter
        self.driver = driver
        self.source = source
        self.accepts = accepts
        self.problem = problem
    }

    /// How a device is attached to the PC.
    package enum Attachment: String, Sendable, Codable, CaseIterable {
        /// A folder or a share.
        case folder
        /// A serial port or a USB-to-serial adapter.
        case serial
        /// A stick or another medium with a file system.
        case media
        /// A card reader.
        case cardReader
    }

    /// What the device is doing.
    package enum State: String, Sendable, Codable, CaseIterable {
        /// There, and its driver is being started.
        case starting
        /// There, and served.
        case ready
        /// There, and its driver fails and is tried again.
        case failing
        /// There, and nothing serves it.
        case unserved
        /// A medium whose every file is taken.
        case safeToRemove
        /// Gone.
        case detached
    }

    /// What the system says of the adapter; every part may be unknown.
    package struct Adapter: Equatable, Sendable, Codable {
        /// Four hexadecimal digits: `0403`.
        package var vendor: String?
        /// Four hexadecimal digits: `6001`.
        package var product: String?
        package var serial: String?
        /// The port that it hangs on: `pci-0000:00:14.0-usb-0:2:1.0`.
        package var portPath: String?
        /// The label of a medium's file system.
        package var label: String?
        /// Where a folder or medium is mounted.
        package var mountPath: String?
        /// The system's name for people: `FT232R USB UART`.
        package var title: String?

        /// Takes the parts as they are.
        package init(
            vendor: String? = nil,
            product: String? = nil,
            serial: String? = nil,
            portPath: String? = nil,
            label: String? = nil,
            mountPath: String? = nil,
            title: String? = nil
        ) {
            self.vendor = vendor
            self.product = product
            self.serial = serial
            self.portPath = portPath
            self.label = label
            self.mountPath = mountPath
            self.title = title
        }
    }

    /// What keeps a device from being served.
    package struct Problem: Equatable, Sendable, Codable {
        package var code: String
        package var sentence: String

        /// Takes the parts as they are.
        package init(code: String, sentence: String) {
            self.code = code
            self.sentence = sentence
        }
    }
}
