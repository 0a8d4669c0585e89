package import Shared

/// The files of a card that have been read so far.
package struct CardContents: Sendable {
    private var files: [CardFile: SecretBytes] = [:]

    package init() {}

    /// The bytes of a file; nil before it is read, or where the card has none.
    package subscript(file: CardFile) -> SecretBytes? {
        get { files[file] }
        set { files[file] = newValue }
    }

    /// Notes that the card has no such file: an address without its signature is not proved.
    package mutating func noteAbsence(of file: CardFile) {
        if file == .addressSignature { files[file] = SecretBytes([]) }
    }

    /// True once the files are there that say who it is.
    package var holdsIdentity: Bool { CardFile.first.allSatisfy { files[$0] != nil } }
}
