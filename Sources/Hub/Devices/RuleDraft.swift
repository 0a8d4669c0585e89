import DeviceFormats
import Shared
import Sync

/// The form of a rule: filled in from a device, or as it was typed, with what is wrong in it.
struct RuleDraft: Sendable {
    /// One text field.
    struct Field: Sendable {
        let name: String
        let label: String
        let hint: String
        var value: String
        var error: String?
    }

    private(set) var fields: [Field]
    var driver = ""
    var baud = ""
    var dataBits = "8"
    var parity = "none"
    var stopBits = "1"
    var dtr = true
    var rts = true
    private(set) var lineError: String?
    private(set) var matchError: String?

    /// The drivers that a rule may name: every serial protocol, and two that are none.
    static let drivers: [(value: String, name: String, note: String)] =
        SerialProtocols.all.map { entry in
            let words = serialWords[entry.name]
            return (entry.name, words?.name ?? entry.name, words?.note ?? "A serial line.")
        } + [
            (
                "media", "Import files",
                "Files of a stick that a decoder recognises are taken once."
            ),
            ("ignore", "Ignore", "It is left alone."),
        ]
    private static let serialWords: [String: (name: String, note: String)] = [
        "l70": ("Lensmeter L70", "Spectacles measured by a Luneau L70."),
        "rm8000": ("Refractometer RM-8000", "Readings of a Topcon RM-8000."),
        "kr8900": ("Refractometer KR-8900", "Readings of a Topcon KR-8900."),
        "cv5000-link": (
            "CV-5000, listening", "What stands between a CV-5000's PC and head; never a result."
        ),
        "recorder": ("Record only", "Bytes are kept as they come, for a decoder to be written."),
    ]
    static let parities = ["none", "even", "odd"]
    private static let bauds = 50...4_000_000

    /// An empty form, or one that matches `device` and nothing else.
    init(_ device: DeviceRecord?) {
        let adapter = device?.fact?.adapter
        fields = [
            ("vendor", "Vendor", "four hexadecimal digits, such as 0403", adapter?.vendor),
            ("product", "Product", "four hexadecimal digits, such as 6001", adapter?.product),
            ("serial", "Serial number", "as the adapter says it", adapter?.serial),
            (
                "port", "Port", "where it is plugged in; for an adapter without a serial number",
                adapter?.serial == nil ? adapter?.portPath : nil
            ),
            ("mount", "Mounted at", "an absolute path, such as /srv/devices/l80", nil),
            ("label", "Label", "of a stick's file system", adapter?.label),
        ].map { Field(name: $0.0, label: $0.1, hint: $0.2, value: $0.3 ?? "") }
        if device?.fact?.attachment == .media { driver = "media" }
    }

    /// The form as it was sent.
    init(_ form: Fields) {
        self.init(nil as DeviceRecord?)
        for index in fields.indices {
            fields[index].value = (form[fields[index].name] ?? "").trimmed
        }
        driver = form["driver"] ?? ""
        baud = (form["baud"] ?? "").trimmed
        dataBits = form["dataBits"] ?? ""
        parity = form["parity"] ?? ""
        stopBits = form["stopBits"] ?? ""
        dtr = form["dtr"] != nil
        rts = form["rts"] != nil
    }

    var errors: [String] { fields.compactMap(\.error) + [matchError, lineError].compactMap { $0 } }

    /// The rule; nil where something in the form is wrong, which is then noted.
    ///
    /// Throws `badRequest` for what no form of ours sends.
    mutating func read(id: Identifier) throws(PageError) -> DeviceRule? {
        guard Self.drivers.contains(where: { $0.value == driver }),
            Self.parities.contains(parity), ["7", "8"].contains(dataBits),
            ["1", "2"].contains(stopBits)
        else { throw .badRequest }
        checkFields()
        if fields.allSatisfy({ $0.value.isEmpty }) {
            matchError =
                "Fill in at least one of the fields: a rule without any matches everything."
        }
        var line: DeviceRule.Line?
        if !baud.isEmpty {
            if let rate = Int(baud), Self.bauds.contains(rate) {
                line = DeviceRule.Line(
                    baud: rate,
                    dataBits: dataBits == "7" ? 7 : 8,
                    parity: parity,
                    stopBits: stopBits == "2" ? 2 : 1,
                    dtr: dtr,
                    rts: rts
                )
            } else {
                lineError = "Enter the speed as a number of bits per second, such as 9600."
            }
        }
        guard errors.isEmpty else { return nil }
        return DeviceRule(
            id: id,
            vendor: text("vendor")?.lowercased(),
            product: text("product")?.lowercased(),
            serial: text("serial"),
            portPath: text("port"),
            mountPath: text("mount"),
            label: text("label"),
            driver: driver,
            line: line
        )
    }

    private func text(_ name: String) -> String? {
        fields.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    private mutating func checkFields() {
        for index in fields.indices where !fields[index].value.isEmpty {
            let (label, value) = (fields[index].label, fields[index].value)
            switch fields[index].name {
            case "vendor", "product":
                guard value.utf8.count == 4, value.utf8.allSatisfy(Self.isHexadecimal) else {
                    fields[index].error = "\(label): enter four hexadecimal digits, such as 0403."
                    continue
                }
            case "mount" where !value.hasPrefix("/"):
                fields[index].error = "\(label): enter an absolute path; it begins with a slash."
            default:
                guard value.utf8.count <= 512,
                    value.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
                else {
                    fields[index].error = "\(label): enter at most 512 characters on one line."
                    continue
                }
            }
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
