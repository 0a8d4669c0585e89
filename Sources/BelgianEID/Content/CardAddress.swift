package import Shared

/// The address on the card: free text, any part of which may be empty.
package struct CardAddress: Equatable, Sendable {
    /// Street, number and box as the town hall wrote them.
    package var street: String
    package var postalCode: String
    package var municipality: String

    /// Reads the address file.
    ///
    /// Errors: `CardContentFailure`.
    package init(_ bytes: SecretBytes) throws(CardContentFailure) {
        let records = try CardRecords(bytes, of: .address)
        street = try records.text(1, of: .address)
        postalCode = try records.text(2, of: .address)
        municipality = try records.text(3, of: .address)
    }

    /// True for holders whose address is not on the card, such as diplomats.
    package var isEmpty: Bool { street.isEmpty && postalCode.isEmpty && municipality.isEmpty }
}

extension CardAddress: CustomStringConvertible, CustomReflectable {
    package var description: String { "a card's address, not shown" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
