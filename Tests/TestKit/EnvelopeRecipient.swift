import Crypto
import Foundation
import Shared
package import Sync

/// Who holds a key for envelopes: the Hub, in tests of what is sealed to it.
package struct EnvelopeRecipient: Sendable {
    private let key = Curve25519.KeyAgreement.PrivateKey()

    /// A new key.
    package init() {}

    /// What an Agent seals to.
    package var publicKey: EnvelopeKey {
        EnvelopeKey(
            version: 1,
            publicKey: Hexadecimal.encode(key.publicKey.rawRepresentation)
        )
    }

    /// Opens what was sealed to it in a place.
    package func open(
        _ envelope: [UInt8],
        _ place: Envelope.Place,
        _ limit: Int
    ) throws(EnvelopeError) -> [UInt8] {
        try Envelope.open(envelope, with: key, at: place, limit: limit)
    }
}
