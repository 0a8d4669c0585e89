import Shared

/// One file format of one family of devices: pure functions of the document alone.
///
/// A format is a folder with a README; adding one touches the list in `DeviceFormats`.
protocol DocumentFormat: Sendable {
    /// The name in document references: `joia`.
    static var name: String { get }
    /// Raised where the same bytes may give more or better readings than before.
    static var decoderVersion: Int { get }
    /// The largest document that is decoded.
    static var maximumBytes: Int { get }
    /// True where the first bytes are this format's, or may become so when more follow.
    static func recognises(_ document: DeviceDocument) -> Bool
    /// Errors: every code of `DocumentFailure` but `tooLarge` and `unreadable`.
    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading]
    /// The same for a format that reads a table; all others ignore the tables.
    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference,
        with tables: DecodingTables
    ) throws(DocumentFailure) -> [DecodedReading]
    /// Whether the document is all there; the bytes are not decoded.
    static func completeness(of document: DeviceDocument) -> Completeness
}

extension DocumentFormat {
    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference,
        with tables: DecodingTables
    ) throws(DocumentFailure) -> [DecodedReading] {
        try decode(document, as: reference)
    }
}

/// What decoders look up, with the product's own entries as the beginning.
package struct DecodingTables: Sendable, Hashable, Codable {
    /// The test types and idents of GDT results.
    package var gdt: GDTTestTable

    /// The product's own tables, or those that an administrator extended.
    package init(gdt: GDTTestTable = .standard) {
        self.gdt = gdt
    }
}
