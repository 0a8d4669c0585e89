import Crypto
package import Shared
import Synchronization
package import Sync

/// The keys of the installation, unwrapped: seals fields, finds sealed values, opens envelopes.
package final class SealingRing: Sendable {
    /// What each key is for.
    enum Purpose: String, CaseIterable, Sendable {
        /// Columns of tables.
        case field
        /// Blind indexes.
        case index
        /// What agents seal to the Hub: a Curve25519 key.
        case envelope
    }

    /// Where sealed bytes stand: they open there alone.
    package struct Place: Sendable {
        let table: String
        let column: String
        let row: [UInt8]

        /// `row` is the row's primary key.
        package init(_ table: String, _ column: String, row: Identifier) {
            self.table = table
            self.column = column
            self.row = row.bytes
        }

        var associated: [UInt8] {
            Array(table.utf8) + [0] + Array(column.utf8) + [0] + row
        }

        var damaged: SealingError { .damaged(table: table, column: column) }
    }

    private let fieldKeys: [UInt32: SymmetricKey]
    private let fieldVersion: UInt32
    private let indexKey: SymmetricKey
    private let envelopeKeys: [UInt32: Curve25519.KeyAgreement.PrivateKey]
    private let envelopeVersion: UInt32
    private let allotment: Mutex<Int>

    /// How many messages one start of the Hub may seal; so much is counted ahead.
    static let messagesPerStart = 1 << 24
    /// How many messages one key may seal under random nonces (NIST SP 800-38D, 8.3).
    static let messagesPerKey: Int64 = 1 << 32

    /// Takes 32 bytes per purpose and version; nil where one is missing or none of Curve25519.
    init?(keys: [Purpose: [UInt32: [UInt8]]], allotment: Int = messagesPerStart) {
        guard let fields = keys[.field], let fieldVersion = fields.keys.max(),
            let index = keys[.index]?[1],
            let envelopes = keys[.envelope], let envelopeVersion = envelopes.keys.max()
        else { return nil }
        fieldKeys = fields.mapValues { SymmetricKey(data: $0) }
        self.fieldVersion = fieldVersion
        indexKey = SymmetricKey(data: index)
        let opened = envelopes.compactMapValues {
            try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0)
        }
        guard opened.count == envelopes.count else { return nil }
        envelopeKeys = opened
        self.envelopeVersion = envelopeVersion
        self.allotment = Mutex(allotment)
    }

    /// Seals a field under the newest key.
    ///
    /// - Throws: `SealingError.keyExhausted`, `damaged` where the cipher refuses.
    package func seal(
        _ content: some Collection<UInt8>,
        at place: Place
    ) throws(SealingError) -> [UInt8] {
        let isLeft = allotment.withLock { left in
            left -= 1
            return left >= 0
        }
        guard isLeft, let key = fieldKeys[fieldVersion] else { throw .keyExhausted }
        guard
            let message = SealedMessage.seal(
                Array(content),
                under: key,
                version: fieldVersion,
                place: place.associated
            )
        else { throw place.damaged }
        return message
    }

    /// Opens a field.
    ///
    /// - Throws: `SealingError.damaged`.
    package func open(_ message: [UInt8], at place: Place) throws(SealingError) -> [UInt8] {
        guard let version = SealedMessage.version(of: message), let key = fieldKeys[version],
            let content = SealedMessage.open(message, under: key, place: place.associated)
        else { throw place.damaged }
        return content
    }

    /// What stands for a sealed value in an index: HMAC-SHA256, cut to 128 bits.
    ///
    /// Equal values of one column have equal ones, and nothing else can be told from them.
    package func blindIndex(of value: String, column: String) -> [UInt8] {
        let message = Array(column.utf8) + [0] + Array(value.utf8)
        return Array(HMAC<SHA256>.authenticationCode(for: message, using: indexKey).prefix(16))
    }

    /// The key that agents seal to.
    package var envelopeKey: EnvelopeKey? {
        envelopeKeys[envelopeVersion].map {
            EnvelopeKey(
                version: envelopeVersion,
                publicKey: Hexadecimal.encode($0.publicKey.rawRepresentation)
            )
        }
    }

    /// Opens what an agent sealed.
    ///
    /// - Throws: `EnvelopeError.damaged`.
    package func open(
        _ envelope: [UInt8],
        from place: Envelope.Place,
        limit: Int = Envelope.maximumBytes
    ) throws(EnvelopeError) -> [UInt8] {
        guard let version = Envelope.keyVersion(of: envelope), let key = envelopeKeys[version]
        else { throw .damaged }
        return try Envelope.open(envelope, with: key, at: place, limit: limit)
    }
}
