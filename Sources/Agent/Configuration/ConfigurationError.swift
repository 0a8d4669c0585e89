/// A configuration that cannot be used: which key, and what to do about it.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The key as the file spells it; nil where the file as a whole is concerned.
    package let key: String?
    /// One sentence for the person who edits the file.
    package let problem: String

    init(key: String? = nil, _ problem: String) {
        self.key = key
        self.problem = problem
    }

    package var description: String {
        key.map { "configuration key \($0): \(problem)" } ?? "configuration: \(problem)"
    }
}
