import Shared

// A snapshot has a thousand rows a page: it is written and read the fast way too.

extension SnapshotReply {
    /// The page, as `JSON.encode` writes it.
    package var text: [UInt8] {
        var text = JSONText(
            capacity: 256
                + rows.reduce(0) { $0 + $1.key.utf8.count + $1.payload.utf8.count * 5 / 4 + 48 }
        )
        text.object { text in
            text.member("hub", hub.description)
            text.member("more", more)
            text.member("position", integer: Int64?(position))
            text.member("rows", rows) { text, row in
                text.object { text in
                    text.member("key", row.key)
                    text.member("payload", row.payload)
                    text.member("rowVersion", integer: Int64?(row.rowVersion))
                }
            }
            text.member("serverTime", serverTime.description)
        }
        return text.bytes
    }

    /// Reads a page, whoever wrote it and however it is laid out.
    ///
    /// - Throws: what `JSON.decode` throws where it is none.
    package init(text: [UInt8]) throws {
        self = try Self(written: text) ?? JSON.decode(SnapshotReply.self, from: text)
    }

    /// Reads what `text` gives; nil for anything else.
    private init?(written text: [UInt8]) {
        var reader = JSONTextReader(text)
        let reply = try? reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let hub = try reader.value("hub") { Identifier($0) }
            let more = try reader.flag("more")
            let position: Int64 = try reader.integer("position")
            return SnapshotReply(
                rows: try reader.array("rows", Row.init(from:)),
                position: position,
                more: more,
                hub: hub,
                serverTime: try reader.value("serverTime") { Instant($0) }
            )
        }
        guard let reply, reader.isAtEnd, reply.text.isSame(as: text) else { return nil }
        self = reply
    }
}

extension SnapshotReply.Row {
    fileprivate init(from reader: inout JSONTextReader) throws(JSONTextReader.Unfamiliar) {
        self = try reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let key = try reader.text("key")
            let payload = try reader.text("payload")
            return SnapshotReply.Row(
                key: key,
                rowVersion: try reader.integer("rowVersion"),
                payload: payload
            )
        }
    }
}
