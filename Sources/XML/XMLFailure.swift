/// Why bytes gave no document; it never holds text of the document.
package struct XMLFailure: Error, Hashable, Sendable {
    /// Which failure it is.
    package let code: Code
    /// The line where it was found, from 1; nil where no line was reached.
    package let line: Int?
    /// The number of libxml2's own error, for a log.
    package let libraryCode: Int?

    /// Takes the parts as they are.
    package init(_ code: Code, line: Int? = nil, libraryCode: Int? = nil) {
        self.code = code
        self.line = line
        self.libraryCode = libraryCode
    }

    /// The failures that a parse can end in.
    package enum Code: String, Sendable {
        /// No bytes, or white space alone.
        case empty
        /// The bytes end inside the document, or end in zeros that were never written over.
        case truncated
        /// Not well-formed.
        case malformed
        /// Bytes that are no text in the document's encoding, or an encoding that is not allowed.
        case encoding
        /// A document type or entity declaration: refused before anything in it is read.
        case documentType
        /// More bytes than `XMLLimits.bytes`.
        case tooLarge
        /// Nested more deeply than `XMLLimits.depth`.
        case tooDeep
        /// More elements than `XMLLimits.elements`.
        case tooManyElements
        /// More attributes on one element than `XMLLimits.attributes`.
        case tooManyAttributes
        /// A name, attribute or element text longer than `XMLLimits.textBytes`.
        case tooMuchText
    }
}
