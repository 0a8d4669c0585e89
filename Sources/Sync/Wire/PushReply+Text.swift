import Shared

// A reply has a verdict for each operation: it is written and read the fast way too.

extension PushReply {
    /// The reply, as `JSON.encode` writes it.
    package var text: [UInt8] {
        var text = JSONText(capacity: 512 + verdicts.count * 48)
        text.object { text in
            text.member("appliedThrough", integer: Int64?(appliedThrough))
            text.member("chain", chain.hexadecimal)
            text.member("flow") { text in
                text.object { text in
                    text.member("operations", flow.operations)
                    text.member("paused", flow.paused) { $0.value($1) }
                    text.member("retentionDays", flow.retentionDays)
                }
            }
            text.member("hub", hub.description)
            text.member("nextNonce", nextNonce)
            text.member("receivedAt", receivedAt?.description)
            text.member("serverTime", serverTime.description)
            text.member("verdicts", verdicts) { text, verdict in
                text.object { text in
                    text.member("code", verdict.code)
                    text.member("outcome", verdict.outcome.rawValue)
                    text.member("sequence", integer: Int64?(verdict.sequence))
                }
            }
        }
        return text.bytes
    }

    /// Reads a reply, whoever wrote it and however it is laid out.
    ///
    /// - Throws: what `JSON.decode` throws where it is none.
    package init(text: [UInt8]) throws {
        self = try Self(written: text) ?? JSON.decode(PushReply.self, from: text)
    }

    /// Reads what `text` gives; nil for anything else.
    private init?(written text: [UInt8]) {
        typealias Unfamiliar = JSONTextReader.Unfamiliar
        var reader = JSONTextReader(text)
        let reply = try? reader.object { reader throws(Unfamiliar) in
            let appliedThrough: Int64 = try reader.integer("appliedThrough")
            let chain = try reader.value("chain") { Digest256(hexadecimal: $0) }
            let flow = try reader.member("flow", Flow.init(from:))
            let hub = try reader.value("hub") { Identifier($0) }
            let nextNonce = try reader.text("nextNonce")
            let receivedAt = try reader.optionalValue("receivedAt") { Instant($0) }
            let serverTime = try reader.value("serverTime") { Instant($0) }
            return PushReply(
                appliedThrough: appliedThrough,
                chain: chain,
                verdicts: try reader.array("verdicts", Verdict.init(from:)),
                nextNonce: nextNonce,
                hub: hub,
                serverTime: serverTime,
                flow: flow,
                receivedAt: receivedAt
            )
        }
        guard let reply, reader.isAtEnd, reply.text.isSame(as: text) else { return nil }
        self = reply
    }
}

extension Flow {
    fileprivate init(from reader: inout JSONTextReader) throws(JSONTextReader.Unfamiliar) {
        self = try reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let operations: Int = try reader.integer("operations")
            let paused = try reader.optionalArray("paused") {
                reader throws(JSONTextReader.Unfamiliar) in
                try reader.text()
            }
            return Flow(
                operations: operations,
                retentionDays: try reader.integer("retentionDays"),
                paused: paused
            )
        }
    }
}

extension Verdict {
    fileprivate init(from reader: inout JSONTextReader) throws(JSONTextReader.Unfamiliar) {
        self = try reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let code = try reader.optionalText("code")
            let outcome: Outcome = try reader.word("outcome")
            return Verdict(
                sequence: try reader.integer("sequence"),
                outcome: outcome,
                code: code
            )
        }
    }
}
