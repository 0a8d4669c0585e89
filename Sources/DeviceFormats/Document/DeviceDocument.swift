package import Shared

/// A file that a device wrote, as bytes with the names that it stood under.
package struct DeviceDocument: Sendable {
    /// The whole content.
    package let bytes: [UInt8]
    /// The file's name.
    package let name: String
    /// The enclosing folders below the source's root, the outermost first.
    package let folders: [String]
    /// True where people have verified that the device ends its files without a line end.
    ///
    /// Then a last line that is whole characters counts. It never makes a file complete.
    package let acceptsUnterminatedLine: Bool

    /// Takes the parts as they are.
    package init(
        bytes: [UInt8],
        name: String,
        folders: [String] = [],
        acceptsUnterminatedLine: Bool = false
    ) {
        self.bytes = bytes
        self.name = name
        self.folders = folders
        self.acceptsUnterminatedLine = acceptsUnterminatedLine
    }
}

/// What a decoder found in a document.
package struct DecodedDocument: Equatable, Sendable {
    /// The decoder: `joia`, `visionix`.
    package let format: String
    /// The decoder's version: higher where the same bytes may give more or better readings.
    package let decoderVersion: Int
    /// The readings in the order of the document; none where nothing was measured.
    package let readings: [DecodedReading]
}

/// One reading, with what it takes to find its other eye.
package struct DecodedReading: Equatable, Sendable {
    /// What was read.
    package var reading: Reading
    /// Nil where the document holds both eyes.
    package let pairing: ReadingPairing?
}

/// Two readings of one source with equal pairing are the two eyes of one act.
package struct ReadingPairing: Hashable, Sendable {
    /// The enclosing folders, joined by `/`.
    package let folder: String
    /// The exam's name in capitals: `WF`, `TOPO`, `ARK`.
    package let exam: String
    /// The number behind `_Meas_`.
    package let number: Int
    /// The kind, since one exam may give two readings.
    package let kind: ReadingKind
}

/// Whether a file is all there, as far as its content tells.
package enum Completeness: Sendable {
    /// The content ends as the format says that it ends.
    case complete
    /// Visibly unfinished: the device is still writing.
    case incomplete
    /// Only quiet time can tell.
    case undecidable
}
