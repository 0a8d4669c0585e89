/// The caps that more than one module holds to; each parser has its own beside its code.
package enum Limits {
    /// The largest document that is stored whole; a larger file stays where it is, quarantined.
    package static let documentBytes = 4 * 1024 * 1024
    /// The longest file name, path part or label that is kept.
    package static let nameBytes = 1024
    /// How many readings one document may give.
    package static let readingsPerDocument = 64
    /// How many values one reading may hold.
    package static let valuesPerReading = 2048
}
