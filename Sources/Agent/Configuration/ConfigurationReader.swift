package import Configuration
import Foundation

/// Reads single keys and says in one sentence what is wrong with a value.
///
/// Every method throws `ConfigurationError`.
package struct ConfigurationReader: Sendable {
    private let reader: ConfigReader

    package init(_ reader: ConfigReader) {
        self.reader = reader
    }

    /// A text of a limited number of characters; required where there is no default.
    func text(
        _ key: String,
        length: ClosedRange<Int>,
        default fallback: String? = nil
    ) async throws -> String {
        guard let text = try await string(key) ?? fallback else {
            throw ConfigurationError(key: key, "is required.")
        }
        guard length.contains(text.count), !text.unicodeScalars.contains(where: \.isControl)
        else {
            throw ConfigurationError(
                key: key,
                "\(length.lowerBound) to \(length.upperBound) characters, none of them control "
                    + "characters."
            )
        }
        return text
    }

    /// An absolute path without a slash at its end; required where there is no default.
    func path(_ key: String, default fallback: String?) async throws -> String {
        var path = try await text(key, length: 1...4095, default: fallback)
        guard path.hasPrefix("/") else {
            throw ConfigurationError(key: key, "an absolute path, one that begins with a slash.")
        }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// A whole number within `range`.
    func number(
        _ key: String,
        in range: ClosedRange<Int>,
        default fallback: Int
    ) async throws
        -> Int
    {
        guard let text = try await string(key) else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(
                key: key,
                "a whole number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
    }

    /// One of the words of `Choice`.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        default fallback: Choice
    ) async throws -> Choice {
        try await optionalChoice(key, of: Choice.self) ?? fallback
    }

    /// The same where a key that is absent means none.
    func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        of type: Choice.Type
    ) async throws -> Choice? {
        guard let text = try await string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(key: key, "one of \(words).")
        }
        return choice
    }

    /// `true` or `false`.
    func flag(_ key: String, default fallback: Bool) async throws -> Bool {
        switch try await string(key) {
        case nil: return fallback
        case "true": return true
        case "false": return false
        default: throw ConfigurationError(key: key, "true or false.")
        }
    }

    /// A list of words; an absent key gives none.
    func list(_ key: String) async throws -> [String] {
        do {
            return try await reader.fetchStringArray(forKey: ConfigKey(key)) ?? []
        } catch {
            throw ConfigurationError(key: key, "a list of names, such as [l80, phoropter].")
        }
    }

    /// An `https` URL with a host and without user, query or fragment.
    func secureURL(_ key: String) async throws -> String? {
        guard let text = try await string(key) else { return nil }
        guard let parts = URLComponents(string: text), parts.scheme == "https",
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.query == nil,
            parts.fragment == nil
        else {
            throw ConfigurationError(
                key: key,
                "an https address with a host, such as https://hub.clinic.example:8444."
            )
        }
        return text
    }

    private func string(_ key: String) async throws -> String? {
        do {
            return try await reader.fetchString(forKey: ConfigKey(key))
        } catch {
            throw ConfigurationError(key: key, "a single value, not a list or a mapping.")
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { properties.generalCategory == .control }
}
