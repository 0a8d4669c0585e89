import Shared

extension ReadingFact {
    /// The payload: the bytes that `JSON.encode` gives.
    package var payload: [UInt8] {
        var text = JSONText(capacity: 256 + reading.values.count * 200)
        text.object { text in
            text.member("capturedAt", capturedAt.description)
            text.member("decoderVersion", decoderVersion)
            text.member("id", id.description)
            text.member("reading") { reading.write(to: &$0) }
            text.member("revision", revision)
            text.member("source", source)
            text.member("workstation", workstation)
        }
        return text.bytes
    }
}

extension DocumentFact {
    /// The payload: the bytes that `JSON.encode` gives.
    package var payload: [UInt8] {
        var text = JSONText(capacity: 512 + (content?.utf8.count ?? 0))
        text.object { text in
            text.member("bytes", bytes)
            text.member("capturedAt", capturedAt.description)
            text.member("content", content)
            text.member("decoderVersion", decoderVersion)
            if let failure {
                text.member("failure") { text in
                    text.object { text in
                        text.member("at", failure.at)
                        text.member("code", failure.code.rawValue)
                        text.member("detail", failure.detail)
                    }
                }
            }
            text.member("format", format)
            text.member("isPartial", isPartial)
            text.member("modifiedAt", modifiedAt?.description)
            text.member("name", name)
            text.member("sha256", sha256.hexadecimal)
            text.member("source", source)
        }
        return text.bytes
    }
}
