package import Shared

/// The payload of an operation that was withheld, sent once the way is free.
///
/// The operation has its place in the Hub's log already: nothing is numbered, no nonce is needed,
/// and sending it twice does no harm. As bytes: one JSON line, a line end, and the payload to the
/// end.
package struct WithheldPayload: Equatable, Sendable {
    package var header: Header
    package var payload: [UInt8]

    /// Which operation it belongs to, and what it has to be.
    package struct Header: Equatable, Sendable, Codable {
        package var protocolVersion: Int
        package var id: Identifier
        package var payloadBytes: Int
        package var payloadDigest: Digest256
    }

    /// Takes the payload of the operation `id`.
    package init(id: Identifier, payload: [UInt8]) {
        header = Header(
            protocolVersion: 1,
            id: id,
            payloadBytes: payload.count,
            payloadDigest: Digest256(of: payload)
        )
        self.payload = payload
    }

    /// The text.
    package func encoded() throws -> [UInt8] {
        try JSON.encode(header) + [UInt8(ascii: "\n")] + payload
    }

    /// Reads the text.
    ///
    /// Throws `malformed` with the reason, `versionNewer`.
    package init(text: [UInt8]) throws(SyncError) {
        guard let end = text.prefix(SyncLimits.headerLineBytes).firstIndex(of: UInt8(ascii: "\n"))
        else { throw .malformed("no line end within \(SyncLimits.headerLineBytes) bytes") }
        guard let header = try? JSON.decode(Header.self, from: text[..<end]) else {
            throw .malformed("the line is not the JSON that it should be")
        }
        guard header.protocolVersion <= WireVersions.own.highest else {
            throw .versionNewer(hub: WireVersions.own.highest)
        }
        guard header.protocolVersion >= WireVersions.own.lowest else {
            throw .malformed("there is no version \(header.protocolVersion)")
        }
        let payload = Array(text[(end + 1)...])
        guard payload.count == header.payloadBytes else {
            throw .malformed("the payload has another size")
        }
        guard Digest256(of: payload) == header.payloadDigest else {
            throw .malformed("the payload has another SHA-256")
        }
        self.header = header
        self.payload = payload
    }
}

/// What became of it.
package struct WithheldReply: Equatable, Sendable, Codable {
    package var verdict: Verdict
    package var serverTime: Instant

    /// Takes the parts as they are.
    package init(verdict: Verdict, serverTime: Instant) {
        self.verdict = verdict
        self.serverTime = serverTime
    }
}
