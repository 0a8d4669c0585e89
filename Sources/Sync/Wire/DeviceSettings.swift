package import Shared

/// What an administrator decided for one device.
///
/// A row `device/<agent>/<device>` of the class `config`; Agents of other PCs pass it over.
package struct DeviceSettings: Equatable, Sendable, Codable {
    /// The beginning of the key on the wire.
    package static let keyPrefix = "device/"

    package var agent: Identifier
    /// The device's key at that PC, as `DeviceFact` names it.
    package var device: String
    /// What people call it.
    package var name: String?
    package var room: String?
    /// True where a value on a last line without a line end counts: verified against a printout.
    package var acceptsUnterminatedLines: Bool
    /// The kinds of `Command` that may be sent there; empty unless an administrator enabled them.
    package var enabled: [String]

    /// Takes the parts as they are.
    package init(
        agent: Identifier,
        device: String,
        name: String? = nil,
        room: String? = nil,
        acceptsUnterminatedLines: Bool = false,
        enabled: [String] = []
    ) {
        self.agent = agent
        self.device = device
        self.name = name
        self.room = room
        self.acceptsUnterminatedLines = acceptsUnterminatedLines
        self.enabled = enabled
    }
}

/// How the PCs of a site are to serve an adapter or a medium.
///
/// A row `rule/<id>` of the class `config`. The rule that names the most wins; what a rule leaves
/// out matches anything.
package struct DeviceRule: Equatable, Sendable, Codable {
    /// The beginning of the key on the wire.
    package static let keyPrefix = "rule/"

    package var id: Identifier
    package var vendor: String?
    package var product: String?
    package var serial: String?
    package var portPath: String?
    package var mountPath: String?
    package var label: String?
    /// The driver that serves what matches: `l70`, `recorder`, `media`, or `ignore`.
    package var driver: String
    package var line: Line?

    /// Takes the parts as they are.
    package init(
        id: Identifier,
        vendor: String? = nil,
        product: String? = nil,
        serial: String? = nil,
        portPath: String? = nil,
        mountPath: String? = nil,
        label: String? = nil,
        driver: String,
        line: Line? = nil
    ) {
        self.id = id
        self.vendor = vendor
        self.product = product
        self.serial = serial
        self.portPath = portPath
        self.mountPath = mountPath
        self.label = label
        self.driver = driver
        self.line = line
    }

    /// The settings of a serial line, where they differ from the driver's own.
    package struct Line: Equatable, Sendable, Codable {
        /// Bits per second, such as 9600.
        package var baud: Int
        /// 7 or 8.
        package var dataBits: Int
        /// `none`, `even` or `odd`.
        package var parity: String
        /// 1 or 2.
        package var stopBits: Int
        package var dtr: Bool
        package var rts: Bool

        /// Takes the parts as they are.
        package init(
            baud: Int,
            dataBits: Int = 8,
            parity: String = "none",
            stopBits: Int = 1,
            dtr: Bool = true,
            rts: Bool = true
        ) {
            self.baud = baud
            self.dataBits = dataBits
            self.parity = parity
            self.stopBits = stopBits
            self.dtr = dtr
            self.rts = rts
        }
    }
}
