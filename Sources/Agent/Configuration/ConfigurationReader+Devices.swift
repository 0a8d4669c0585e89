import Shared
import Sync

/// The rules of this PC: `devices` names them, and each has its keys under `device.<name>`.
///
/// - `driver` (required): a serial protocol such as `l70` or `recorder`, `media`, or `ignore`.
/// - `vendor`, `product` (four hexadecimal digits, in quotation marks), `serial`, `portPath`,
///   `mountPath`, `label` (texts): what the rule is for; what is left out matches anything.
/// - `baud` (50…4000000), and with it `dataBits` (7 or 8), `parity` (`none`, `even`, `odd`),
///   `stopBits` (1 or 2), `dtr`, `rts` (`true` or `false`): the line, where it differs from the
///   protocol's own.
extension ConfigurationReader {
    /// How many rules one PC may have.
    static let maximumRules = 32

    private enum Parity: String, CaseIterable { case none, even, odd }

    func deviceRules() async throws -> [DeviceRule] {
        let names = try await list("devices")
        guard names.count <= Self.maximumRules, Set(names).count == names.count else {
            throw ConfigurationError(
                key: "devices",
                "at most \(Self.maximumRules) names, each only once."
            )
        }
        var rules: [DeviceRule] = []
        for name in names {
            guard AgentConfiguration.isSourceName(name) else {
                throw ConfigurationError(
                    key: "devices",
                    "a rule's name has 1 to 32 of a–z, 0–9 and -, and begins with a letter."
                )
            }
            rules.append(try await deviceRule(name))
        }
        return rules
    }

    private func deviceRule(_ name: String) async throws -> DeviceRule {
        let key = "device.\(name)"
        return DeviceRule(
            id: Identifier(derivedFrom: [Array("local rule".utf8), Array(name.utf8)]),
            vendor: try await usbNumber("\(key).vendor"),
            product: try await usbNumber("\(key).product"),
            serial: try await optionalText("\(key).serial"),
            portPath: try await optionalText("\(key).portPath"),
            mountPath: try await optionalText("\(key).mountPath"),
            label: try await optionalText("\(key).label"),
            driver: try await text("\(key).driver", length: 1...32),
            line: try await line(key)
        )
    }

    private func line(_ key: String) async throws -> DeviceRule.Line? {
        guard try await optionalText("\(key).baud") != nil else {
            for part in ["dataBits", "parity", "stopBits", "dtr", "rts"]
            where try await optionalText("\(key).\(part)") != nil {
                throw ConfigurationError(
                    key: "\(key).baud",
                    "is required where a rule says \(part): a line is given whole."
                )
            }
            return nil
        }
        return DeviceRule.Line(
            baud: try await number("\(key).baud", in: 50...4_000_000, default: 9600),
            dataBits: try await number("\(key).dataBits", in: 7...8, default: 8),
            parity: try await choice("\(key).parity", default: Parity.none).rawValue,
            stopBits: try await number("\(key).stopBits", in: 1...2, default: 1),
            dtr: try await flag("\(key).dtr", default: true),
            rts: try await flag("\(key).rts", default: true)
        )
    }

    private func optionalText(_ key: String) async throws -> String? {
        let value = try await text(key, length: 0...255, default: "")
        return value.isEmpty ? nil : value
    }

    private func usbNumber(_ key: String) async throws -> String? {
        guard let value = try await optionalText(key) else { return nil }
        guard value.utf8.count == 4, value.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw ConfigurationError(
                key: key,
                "four hexadecimal digits in quotation marks, such as \"067b\"."
            )
        }
        return value.lowercased()
    }
}
