extension DeviceFormats {
    /// True for files that are never a document: style sheets, temporary and image files, indexes.
    package static func isIgnored(name: String) -> Bool {
        let lower = name.lowercased()
        return lower.isEmpty || lower.hasPrefix("~") || lower.hasPrefix(".")
            || names.contains(lower) || suffixes.contains { lower.hasSuffix($0) }
    }

    private static let suffixes = [".xsl", ".tmp", ".raw", ".bak"]
    private static let names: Set<String> = ["index.txt", "thumbs.db", "desktop.ini"]
}
