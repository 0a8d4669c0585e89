/// The caps that a parse holds to; each is checked while parsing, before memory is spent.
package struct XMLLimits: Sendable {
    /// Bytes of the whole document, as stored.
    package var bytes: Int
    /// Elements inside one another, the root included; libxml2 itself stops at 256.
    package var depth: Int
    /// Elements of the whole document.
    package var elements: Int
    /// Attributes of one element.
    package var attributes: Int
    /// Bytes of UTF-8 of one name, one attribute or one element's own text.
    package var textBytes: Int

    /// Caps that a document of an eye-measuring device stays far below.
    package init(
        bytes: Int = 2 * 1024 * 1024,
        depth: Int = 64,
        elements: Int = 50_000,
        attributes: Int = 32,
        textBytes: Int = 64 * 1024
    ) {
        self.bytes = bytes
        self.depth = depth
        self.elements = elements
        self.attributes = attributes
        self.textBytes = textBytes
    }
}
