import struct Foundation.Data
import Gzip
package import Shared

/// The operation `leftover`, version 1: another operation, which its Agent sealed to the Hub when it
/// was revoked before it could send it.
///
/// The PC can no longer read it. It keeps the identifier of the operation that it holds.
package struct LeftoverFact: Equatable, Sendable, Codable {
    package static let kind = "leftover"
    package static let version = 1

    /// Who the PC was when it sealed.
    package var agent: Identifier
    package var id: Identifier
    /// What is sealed.
    package var kind: String
    package var version: Int
    package var createdAt: Instant
    /// In base64; what is sealed is compressed with gzip.
    package var envelope: String

    /// The largest payload that is sealed, compressed.
    private static let maximumBytes = SyncLimits.isolatedBytes / 2

    /// Seals an operation's payload to the Hub.
    ///
    /// - Throws: `EnvelopeError`.
    package init(
        sealing payload: [UInt8],
        of operation: (id: Identifier, kind: String, version: Int, createdAt: Instant),
        agent: Identifier,
        to key: EnvelopeKey
    ) throws(EnvelopeError) {
        self.agent = agent
        (id, kind, version, createdAt) = operation
        let sealed = try Envelope.seal(
            Gzip.compress(payload),
            to: key,
            at: Self.place(agent, operation.id),
            limit: Self.maximumBytes
        )
        envelope = Data(sealed).base64EncodedString()
    }

    /// The operation that is inside, in the place of the one that carries it.
    ///
    /// `open` opens an envelope, which was sealed in this place, with this limit.
    /// Errors: `EnvelopeError.damaged`.
    package func operation(
        sequence: Int64,
        open: ([UInt8], Envelope.Place, Int) throws(EnvelopeError) -> [UInt8]
    ) throws(EnvelopeError) -> Operation {
        guard let sealed = Data(base64Encoded: envelope) else { throw .damaged }
        let content = try open(Array(sealed), Self.place(agent, id), Self.maximumBytes)
        guard kind != Self.kind,
            let payload = try? Gzip.decompress(content, limit: SyncLimits.inflatedBytes)
        else { throw .damaged }
        return Operation(
            sequence: sequence,
            id: id,
            kind: kind,
            version: version,
            createdAt: createdAt,
            payload: payload
        )
    }

    private static func place(_ agent: Identifier, _ id: Identifier) -> Envelope.Place {
        Envelope.Place(agent: agent, session: id, event: kind)
    }
}
