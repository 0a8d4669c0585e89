import Shared

/// The sections and keys of a Windows INI file; names match in either case.
struct INIFile {
    /// One line `key=value`, or a key alone.
    struct Entry {
        /// Section and key as the file writes them.
        let section: String, key: String
        /// The text behind `=`; nil for a key alone.
        let value: String?
    }

    /// The sections in the order of the file, in capitals.
    private(set) var sections: [String] = []
    private var entries: [Name: Entry] = [:]
    /// The line without a line end: its section, and its key or the beginning of one.
    private(set) var unterminated: Unterminated?

    /// A last line that may be cut.
    struct Unterminated {
        /// The section that it stands in, in capitals.
        let section: String
        /// What stands before `=`, in capitals.
        let key: String
        /// False where `=` has not come yet, so that the key may go on.
        let isWholeKey: Bool
    }

    private struct Name: Hashable {
        let section: String, key: String
    }

    /// Errors: `malformed` for text outside a section, a key twice with different values, or more
    /// lines or longer ones than an exam has.
    init(_ text: VisionixText) throws(DocumentFailure) {
        guard text.lines.count <= Self.maximumLines else { throw Self.tooMuch }
        var section = ""
        for (index, line) in text.lines.enumerated() {
            try read(line.trimmingBlanks, at: index + 1, in: &section)
        }
        guard let rest = text.unterminated else { return }
        let parts = rest.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        unterminated = Unterminated(
            section: section.uppercased(),
            key: String(parts[0]).trimmingBlanks.uppercased(),
            isWholeKey: parts.count == 2
        )
    }

    /// The entry of a key; nil where the key does not stand on a line with a line end.
    func entry(_ section: String, _ key: String) -> Entry? {
        entries[Name(section: section.uppercased(), key: key.uppercased())]
    }

    /// The text of a key; nil where it is absent or empty.
    func text(_ section: String, _ key: String) -> String? {
        guard let value = entry(section, key)?.value, !value.isEmpty else { return nil }
        return value
    }

    /// True where a section of this name was opened.
    func has(_ section: String) -> Bool { sections.contains(section.uppercased()) }

    /// True where the last line has no line end and is, or may become, this key's.
    func isCut(_ section: String, _ key: String) -> Bool {
        guard let unterminated, unterminated.section == section.uppercased() else { return false }
        let key = key.uppercased()
        return unterminated.isWholeKey
            ? unterminated.key == key
            : key.hasPrefix(unterminated.key) && entry(section, key) == nil
    }

    /// True for two or more numbers with blanks between them.
    static func isVector(_ text: String) -> Bool {
        let parts = text.split { $0 == " " || $0 == "\t" }
        return parts.count > 1
            && parts.allSatisfy { part in
                switch DeviceNumber(String(part)) {
                case .malformed: false
                case .absent, .number: true
                }
            }
    }

    private static let maximumLines = 8192
    private static let tooMuch = DocumentFailure(
        .malformed,
        "The file holds more data than an exam can."
    )

    private mutating func read(
        _ line: String,
        at number: Int,
        in section: inout String
    ) throws(DocumentFailure) {
        guard line.utf8.count <= Limits.nameBytes else { throw Self.tooMuch }
        guard let first = line.utf8.first, first != UInt8(ascii: ";") else { return }
        if first == UInt8(ascii: "["), line.utf8.last == UInt8(ascii: "]") {
            section = String(line.dropFirst().dropLast()).trimmingBlanks
            let name = section.uppercased()
            if !sections.contains(name) { sections.append(name) }
            return
        }
        guard !section.isEmpty else {
            throw DocumentFailure(
                .malformed,
                "Text stands outside a section.",
                at: "line \(number)"
            )
        }
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let key = String(parts[0]).trimmingBlanks
        let value = parts.count == 2 ? String(parts[1]).trimmingBlanks : nil
        let name = Name(section: section.uppercased(), key: key.uppercased())
        if let earlier = entries[name], earlier.value != value {
            throw DocumentFailure(.malformed, "A key stands twice.", at: "line \(number)")
        }
        entries[name] = Entry(section: section, key: key, value: value)
    }
}
