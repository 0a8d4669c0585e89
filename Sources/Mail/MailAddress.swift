/// Where a mail goes: `local@domain`, in ASCII.
///
/// Narrower than RFC 5321: no quoted local parts and no addresses in brackets, which nobody in a
/// clinic has and which are the way to smuggle something into a command.
package struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Nil for anything else; at most 254 characters.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2, parts[0].count <= 64,
            Self.isDotted(parts[0], Self.isLocal),
            Self.isDotted(parts[1], Self.isDomain)
        else { return nil }
        self.text = text
    }

    package var description: String { text }

    /// What is behind the `@`.
    package var domain: String {
        String(text.split(separator: "@").last ?? "")
    }

    /// Groups with dots between, none of them empty.
    private static func isDotted(
        _ part: Substring.UTF8View.SubSequence,
        _ isAllowed: (UInt8) -> Bool
    ) -> Bool {
        let groups = part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return groups.allSatisfy { group in
            !group.isEmpty && group.count <= 64 && group.allSatisfy(isAllowed)
                && group.first != UInt8(ascii: "-")
        }
    }

    /// The characters of an atom (RFC 5322, 3.2.3).
    private static func isLocal(_ byte: UInt8) -> Bool {
        isDomain(byte) || "!#$%&'*+/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isDomain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// An address with the name that readers show.
package struct Mailbox: Hashable, Sendable {
    package let address: MailAddress
    /// Nil for none.
    package let name: String?

    package init(_ address: MailAddress, name: String? = nil) {
        self.address = address
        self.name = name
    }

    /// Reads `address`, or `Name <address>`; nil for anything else.
    package init?(_ text: String) {
        guard let open = text.lastIndex(of: "<"), text.hasSuffix(">") else {
            guard let address = MailAddress(text) else { return nil }
            self.init(address)
            return
        }
        guard let address = MailAddress(String(text[text.index(after: open)...].dropLast())),
            let name = Self.trimmed(text[..<open]), !name.contains("<")
        else { return nil }
        self.init(address, name: name)
    }

    private static func trimmed(_ text: Substring) -> String? {
        var text = text
        while text.first == " " || text.first == "\"" { text.removeFirst() }
        while text.last == " " || text.last == "\"" { text.removeLast() }
        return text.isEmpty ? nil : String(text)
    }
}
