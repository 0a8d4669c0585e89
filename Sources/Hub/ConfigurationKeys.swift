import Configuration
import Logging

/// Reads single keys and says in one sentence what is wrong with a value.
struct ConfigurationKeys {
    private let reader: ConfigReader

    init(_ reader: ConfigReader) {
        self.reader = reader
    }

    /// Nil where the key is not set, or set to nothing.
    func text(_ key: String, isSecret: Bool = false) -> String? {
        let text = reader.string(forKey: ConfigKey(key), isSecret: isSecret)?.trimmed
        return text?.isEmpty == false ? text : nil
    }

    /// An absolute path; nil where the key is not set.
    func path(_ key: String) throws(ConfigurationError) -> String? {
        guard let path = text(key) else { return nil }
        guard path.hasPrefix("/"), !path.contains("\n") else {
            throw ConfigurationError(key, "is an absolute path, one that begins with a slash.")
        }
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    func number(
        _ key: String,
        in range: ClosedRange<Int>,
        default fallback: Int
    ) throws(ConfigurationError) -> Int {
        guard let text = scalar(key) else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(
                key,
                "is a whole number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
    }

    func flag(_ key: String, default fallback: Bool) throws(ConfigurationError) -> Bool {
        switch scalar(key) {
        case nil: return fallback
        case "true": return true
        case "false": return false
        default: throw ConfigurationError(key, "is true or false.")
        }
    }

    func level(
        _ key: String,
        default fallback: Logger.Level
    ) throws(ConfigurationError) -> Logger.Level {
        guard let text = text(key) else { return fallback }
        guard let level = Logger.Level(rawValue: text) else {
            let words = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(key, "is one of \(words).")
        }
        return level
    }

    func address(
        _ key: String,
        default fallback: String
    ) throws(ConfigurationError)
        -> ListeningAddress
    {
        guard let address = ListeningAddress(text(key) ?? fallback) else {
            throw ConfigurationError(key, "is a host and a port, such as 127.0.0.1:8443.")
        }
        return address
    }

    /// A list, or one text with commas; nil where the key is not set.
    func list(_ key: String) -> [String]? {
        let list =
            reader.stringArray(forKey: ConfigKey(key))
            ?? text(key)?.split(separator: ",").map(String.init)
        let names = list?.map(\.trimmed).filter { !$0.isEmpty }
        return names?.isEmpty == false ? names : nil
    }

    func origin(_ key: String) throws(ConfigurationError) -> String? {
        guard let text = text(key) else { return nil }
        let rest = text.split(separator: "://", maxSplits: 1)
        guard rest.count == 2, ["http", "https"].contains(rest[0]), !rest[1].contains("/") else {
            throw ConfigurationError(
                key,
                "is scheme, host and port, such as https://hub.clinic.example."
            )
        }
        return text
    }

    /// A file gives numbers and flags as such; the environment gives text.
    private func scalar(_ key: String) -> String? {
        let key = ConfigKey(key)
        return reader.string(forKey: key)?.trimmed ?? reader.int(forKey: key).map(String.init)
            ?? reader.bool(forKey: key).map(String.init)
    }
}

/// Where a listener listens.
package struct ListeningAddress: Sendable, Hashable, CustomStringConvertible {
    package let host: String
    package let port: Int

    /// Reads `host:port` or `[address]:port`; nil for any other text.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { return nil }
        self.host = String(host)
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// True where only this machine reaches it.
    package var isLoopback: Bool {
        host == "localhost" || host == "::1"
            || host.hasPrefix("127.") && host.split(separator: ".").count == 4
                && host.allSatisfy { $0.isNumber || $0 == "." }
    }
}
