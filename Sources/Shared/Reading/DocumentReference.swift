/// What a device wrote, named by the SHA-256 of its bytes.
package struct DocumentReference: Hashable, Sendable, Codable {
    /// The address of the bytes.
    package var sha256: Digest256
    /// The decoder that the bytes were given to: `joia`, `visionix`; nil where none knows them.
    package var format: String?
    /// How many bytes there are.
    package var bytes: Int
    /// The file's name without its folders.
    package var name: String

    /// Takes the parts as they are.
    package init(sha256: Digest256, format: String?, bytes: Int, name: String) {
        self.sha256 = sha256
        self.format = format
        self.bytes = bytes
        self.name = name
    }
}

/// Why a whole document gave no reading.
package struct DocumentFailure: Error, Hashable, Sendable, Codable {
    /// Which failure it is.
    package var code: Code
    /// A sentence for a person; it never holds a patient's name, number or value.
    package var detail: String
    /// Where in the document: `line 12`, `byte 4096`, or an element's path.
    package var at: String?

    /// Takes the parts as they are.
    package init(_ code: Code, _ detail: String, at: String? = nil) {
        self.code = code
        self.detail = detail
        self.at = at
    }

    /// The failures that a document can have.
    package struct Code: OpenWord {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The document ends early: read again while it grows, then quarantined.
        package static let truncated = Self(rawValue: "truncated")
        /// Not the format that it claims.
        package static let malformed = Self(rawValue: "malformed")
        /// A format or root that no decoder knows.
        package static let unsupported = Self(rawValue: "unsupported")
        /// More bytes than the format may have.
        package static let tooLarge = Self(rawValue: "tooLarge")
        /// Nested more deeply than the format may be.
        package static let tooDeep = Self(rawValue: "tooDeep")
        /// A DTD or an entity declaration: refused unread.
        package static let externalEntity = Self(rawValue: "externalEntity")
        /// Bytes that are no text in any encoding that the format allows.
        package static let encoding = Self(rawValue: "encoding")
        /// The file could not be read to its end.
        package static let unreadable = Self(rawValue: "unreadable")
    }
}
