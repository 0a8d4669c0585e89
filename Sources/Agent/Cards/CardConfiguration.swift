package import BelgianEID
import Foundation

/// What an administrator can set for cards.
package struct CardConfiguration: Equatable, Sendable {
    /// False where no card is to be read at this PC.
    package var isEnabled = true
    /// Files with roots of test cards; each result under one says that it is a test.
    package var testRoots: [String] = []
    /// False forbids the photo at this PC; true leaves it to the site's policy.
    package var mayReadPhoto = true

    /// Only what is set for nobody in particular.
    package init() {}

    /// Reads the keys below `card`.
    init(_ reader: ConfigurationReader) async throws {
        isEnabled = try await reader.flag("card.enabled", default: true)
        mayReadPhoto = try await reader.flag("card.photo", default: true)
        testRoots = try await reader.list("card.testRoots")
        guard testRoots.count <= Self.maximumTestRoots, testRoots.allSatisfy({ $0.hasPrefix("/") })
        else {
            throw ConfigurationError(
                key: "card.testRoots",
                "at most \(Self.maximumTestRoots) absolute paths."
            )
        }
    }

    private static let maximumTestRoots = 8

    /// Belgium's roots, and the test roots that are named.
    ///
    /// Errors: `ConfigurationError` naming the file.
    package func roots() throws(ConfigurationError) -> TrustedRoots {
        try Self.roots(files: testRoots, key: "card.testRoots")
    }

    /// The same for files that were named elsewhere.
    package static func roots(
        files: [String],
        key: String?
    ) throws(ConfigurationError) -> TrustedRoots {
        var texts: [String] = []
        for file in files {
            guard let bytes = FileManager.default.contents(atPath: file), bytes.count <= 65_536
            else { throw ConfigurationError(key: key, "\(file) cannot be read.") }
            texts.append(String(decoding: bytes, as: UTF8.self))
        }
        do throws(TestRootFailure) {
            return try TrustedRoots(testRoots: texts)
        } catch {
            throw ConfigurationError(key: key, error.description)
        }
    }
}
