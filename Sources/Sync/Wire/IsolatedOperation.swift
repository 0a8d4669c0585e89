package import Shared

/// One operation that no push could carry, sent for itself with caps that are wider.
///
/// Without its payload it is withheld: the Hub keeps its place in the log, its identifier and its
/// digest, so that what follows can be taken, and the Agent keeps the payload.
///
/// As bytes: one JSON line, a line end, and the payload to the end. See docs/SYNC.md.
package struct IsolatedOperation: Equatable, Sendable {
    package var header: IsolatedHeader
    /// Nil where it is withheld.
    package var payload: [UInt8]?

    /// Takes the parts as they are.
    package init(header: IsolatedHeader, payload: [UInt8]?) {
        self.header = header
        self.payload = payload
    }

    /// The operation as a push would have carried it; nil where it is withheld.
    package var operation: Operation? {
        payload.map {
            Operation(
                sequence: header.sequence,
                id: header.id,
                kind: header.kind,
                version: header.version,
                createdAt: header.createdAt,
                payload: $0
            )
        }
    }

    /// The text.
    package func encoded() throws -> [UInt8] {
        var text = try JSON.encode(header)
        text.append(UInt8(ascii: "\n"))
        return text + (payload ?? [])
    }

    /// Reads the text.
    ///
    /// Throws `malformed` with the reason, `versionNewer`.
    package init(text: [UInt8]) throws(SyncError) {
        let window = text.prefix(SyncLimits.isolatedLineBytes)
        guard let end = window.firstIndex(of: UInt8(ascii: "\n")) else {
            throw .malformed("no line end within \(SyncLimits.isolatedLineBytes) bytes")
        }
        guard let header = try? JSON.decode(IsolatedHeader.self, from: text[..<end]) else {
            throw .malformed("the line is not the JSON that it should be")
        }
        guard header.protocolVersion <= WireVersions.own.highest else {
            throw .versionNewer(hub: WireVersions.own.highest)
        }
        guard header.protocolVersion >= 1 else { throw .malformed("there is no version 0") }
        let payload = Array(text[(end + 1)...])
        guard header.isWithheld ? payload.isEmpty : payload.count == header.payloadBytes else {
            throw .malformed("the payload has another size")
        }
        guard header.isWithheld || Digest256(of: payload) == header.payloadDigest else {
            throw .malformed("the payload has another SHA-256")
        }
        self.init(header: header, payload: header.isWithheld ? nil : payload)
    }
}

/// The line before the payload.
package struct IsolatedHeader: Equatable, Sendable, Codable {
    package var protocolVersion: Int
    package var requestId: Identifier
    package var epoch: Int
    package var sequence: Int64
    package var id: Identifier
    package var kind: String
    package var version: Int
    package var createdAt: Instant
    /// The chain before it and behind it.
    package var previousChain: Digest256
    package var chain: Digest256
    package var nonce: String?
    package var condition: AgentCondition
    /// The code with which the Hub refused the push that held it.
    package var reason: String
    package var payloadBytes: Int
    package var payloadDigest: Digest256
    /// True where the payload stays with the Agent.
    package var isWithheld: Bool

    /// The header for the one operation of `push`.
    package init(_ operation: Operation, of push: PushHeader, reason: String, isWithheld: Bool) {
        protocolVersion = 1
        requestId = push.requestId
        epoch = push.epoch
        sequence = operation.sequence
        id = operation.id
        kind = operation.kind
        version = operation.version
        createdAt = operation.createdAt
        previousChain = push.previousChain
        chain = push.lastChain
        nonce = push.nonce
        condition = push.condition
        self.reason = reason
        payloadBytes = operation.payload.count
        payloadDigest = Digest256(of: operation.payload)
        self.isWithheld = isWithheld
    }
}
