import DeviceFormats
import Shared
import Sync

/// What is to be done with a device that is attached.
enum DevicePlan: Equatable, Sendable {
    /// Listen to a serial port by a protocol; `line` where a rule says otherwise than the protocol.
    case serial(protocolName: String, line: DeviceRule.Line?)
    /// Take what is recognised from a medium.
    case media
    /// Leave it alone; the problem says why, where a person should know.
    case leave(DeviceFact.Problem?)

    /// The driver as facts and rules name it; nil where none serves.
    var driver: String? {
        switch self {
        case .serial(let name, _): name
        case .media: DeviceRules.mediaDriver
        case .leave: nil
        }
    }
}

/// Which driver serves which device: the rules of this PC's file, those of the Hub, and defaults.
///
/// The rule that names the most wins; of two that name as much, the file's wins over the Hub's.
struct DeviceRules: Equatable, Sendable {
    var local: [DeviceRule]
    var hub: [DeviceRule]

    /// Names of drivers that are no serial protocol.
    static let mediaDriver = "media"
    static let ignoreDriver = "ignore"
    /// What listens to an adapter that no rule names.
    static let defaultProtocol = "recorder"

    /// The adapters that measuring devices are attached by; others are left alone without a rule.
    static let adapters: [String: String] = [
        "0403:6001": "FTDI FT232R", "0403:6010": "FTDI FT2232", "0403:6011": "FTDI FT4232",
        "0403:6014": "FTDI FT232H", "0403:6015": "FTDI FT-X", "067b:2303": "Prolific PL2303",
        "067b:23a3": "Prolific PL2303GC", "10c4:ea60": "Silicon Labs CP210x",
        "10c4:ea70": "Silicon Labs CP2105", "1a86:7523": "WCH CH340", "1a86:5523": "WCH CH341",
    ]

    /// Takes the rules of the file and of the Hub.
    init(local: [DeviceRule] = [], hub: [DeviceRule] = []) {
        self.local = local
        self.hub = hub
    }

    /// What to do with `device`.
    func plan(for device: AttachedDevice) -> DevicePlan {
        guard let rule = rule(for: device) else { return Self.standard(for: device) }
        switch rule.driver {
        case Self.ignoreDriver: return .leave(nil)
        case Self.mediaDriver: return .media
        case let name:
            guard SerialProtocols.named(name) != nil else {
                return .leave(
                    DeviceFact.Problem(
                        code: "unknown-driver",
                        sentence: "Its rule names a driver that this version does not have."
                    )
                )
            }
            return .serial(protocolName: name, line: rule.line)
        }
    }

    /// The rule that wins for `device`; nil where none matches.
    func rule(for device: AttachedDevice) -> DeviceRule? {
        let matching =
            local.map { (rule: $0, isLocal: true) } + hub.map { (rule: $0, isLocal: false) }
        return matching.compactMap { candidate -> (rule: DeviceRule, rank: (Int, Int))? in
            guard Self.suits(candidate.rule, device),
                let named = Self.named(candidate.rule, device)
            else { return nil }
            return (candidate.rule, (named, candidate.isLocal ? 1 : 0))
        }.max { left, right in
            left.rank != right.rank ? left.rank < right.rank : right.rule.id < left.rule.id
        }?.rule
    }

    /// How many parts the rule names, all of which are the device's; nil where one is not.
    private static func named(_ rule: DeviceRule, _ device: AttachedDevice) -> Int? {
        let adapter = device.adapter
        let parts: [(wanted: String?, found: [String?])] = [
            (rule.vendor?.lowercased(), [adapter.vendor]),
            (rule.product?.lowercased(), [adapter.product]),
            (rule.serial, [adapter.serial]),
            // A built-in port has often no path but its node.
            (rule.portPath, [adapter.portPath, device.node]),
            (rule.mountPath, [adapter.mountPath]),
            (rule.label, [adapter.label]),
        ]
        var count = 0
        for part in parts {
            guard let wanted = part.wanted else { continue }
            guard part.found.contains(wanted) else { return nil }
            count += 1
        }
        // A rule for all serial ports must not take the built-in ones, which no person plugged in.
        return count == 0 && device.attachment == .serial && !device.isAdapter ? nil : count
    }

    private static func suits(_ rule: DeviceRule, _ device: AttachedDevice) -> Bool {
        rule.driver == ignoreDriver
            || (rule.driver == mediaDriver) == (device.attachment == .media)
    }

    private static func standard(for device: AttachedDevice) -> DevicePlan {
        guard device.attachment == .serial else { return .media }
        guard let vendor = device.adapter.vendor, let product = device.adapter.product,
            adapters["\(vendor):\(product)"] != nil
        else {
            return .leave(
                device.isAdapter
                    ? DeviceFact.Problem(
                        code: "no-rule",
                        sentence: "No rule names this adapter, and it is none that measuring "
                            + "devices are known to use."
                    ) : nil
            )
        }
        return .serial(protocolName: defaultProtocol, line: nil)
    }
}
