/// The address of a page of the Hub: a path and a query, encoded where it is printed.
struct Address: Hashable, Sendable {
    let path: String
    private var items: [(name: String, value: String)]

    /// Leaves out what is nil.
    init(_ path: String, _ items: KeyValuePairs<String, String?> = [:]) {
        self.path = path
        self.items = items.compactMap { name, value in value.map { (name, $0) } }
    }

    /// The form that goes into a link.
    var text: String {
        guard !items.isEmpty else { return path }
        let query = items.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }
        return "\(path)?\(query.joined(separator: "&"))"
    }

    /// Percent-encodes everything but the unreserved characters of RFC 3986.
    static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = Array("0123456789ABCDEF")
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return result
    }

    static func == (left: Address, right: Address) -> Bool { left.text == right.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
