import Shared

// The two kinds of fact that come by the hundred thousand, read the fast way. A fact counts as read
// only where writing it gives the payload byte for byte: then it says what the payload says, and
// nothing was added, lost or taken for something else.

extension ReadingFact {
    /// Reads a payload, whoever wrote it and however it is laid out.
    ///
    /// - Throws: what `JSON.decode` throws where the payload is no such fact.
    package init(payload: [UInt8]) throws {
        self = try Self.read(payload).fact
    }

    /// The same, with the reading's text where it stands in the payload as `Reading.write` writes it.
    ///
    /// - Returns: nil for the text where the payload is laid out otherwise.
    /// - Throws: what `JSON.decode` throws where the payload is no such fact.
    package static func read(_ payload: [UInt8]) throws -> (fact: ReadingFact, text: [UInt8]?) {
        if let (fact, text) = written(payload) { return (fact, Array(payload[text])) }
        return (try JSON.decode(ReadingFact.self, from: payload), nil)
    }

    /// Reads what `payload` writes; nil for anything else.
    package init?(written payload: [UInt8]) {
        guard let written = Self.written(payload) else { return nil }
        self = written.fact
    }

    /// The same, and where the reading stands in it.
    private static func written(_ payload: [UInt8]) -> (fact: ReadingFact, text: Range<Int>)? {
        var reader = JSONTextReader(payload)
        var text = 0..<0
        let fact = try? reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let capturedAt = try reader.value("capturedAt") { Instant($0) }
            let decoderVersion: Int = try reader.integer("decoderVersion")
            let id = try reader.value("id") { Identifier($0) }
            let reading = try reader.member("reading") { reader throws(JSONTextReader.Unfamiliar) in
                let start = reader.position
                let reading = try Reading(from: &reader)
                text = start..<reader.position
                return reading
            }
            return ReadingFact(
                id: id,
                revision: try reader.integer("revision"),
                reading: reading,
                decoderVersion: decoderVersion,
                source: try reader.text("source"),
                workstation: try reader.text("workstation"),
                capturedAt: capturedAt
            )
        }
        guard let fact, reader.isAtEnd, fact.payload.isSame(as: payload) else { return nil }
        return (fact, text)
    }
}

extension DocumentFact {
    /// Reads a payload, whoever wrote it and however it is laid out.
    ///
    /// - Throws: what `JSON.decode` throws where the payload is no such fact.
    package init(payload: [UInt8]) throws {
        self = try Self(written: payload) ?? JSON.decode(DocumentFact.self, from: payload)
    }

    /// Reads what `payload` writes; nil for anything else.
    package init?(written payload: [UInt8]) {
        var reader = JSONTextReader(payload)
        let fact = try? reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let bytes: Int = try reader.integer("bytes")
            let capturedAt = try reader.value("capturedAt") { Instant($0) }
            let content = try reader.optionalText("content")
            let decoderVersion: Int? = try reader.optionalInteger("decoderVersion")
            let failure = try reader.optional("failure", DocumentFailure.init(from:))
            let format = try reader.optionalText("format")
            let isPartial = try reader.flag("isPartial")
            let modifiedAt = try reader.optionalValue("modifiedAt") { Instant($0) }
            let name = try reader.text("name")
            return DocumentFact(
                sha256: try reader.value("sha256") { Digest256(hexadecimal: $0) },
                bytes: bytes,
                name: name,
                format: format,
                decoderVersion: decoderVersion,
                source: try reader.text("source"),
                capturedAt: capturedAt,
                modifiedAt: modifiedAt,
                failure: failure,
                content: content,
                isPartial: isPartial
            )
        }
        guard let fact, reader.isAtEnd, fact.payload.isSame(as: payload) else { return nil }
        self = fact
    }
}

extension DocumentFailure {
    fileprivate init(from reader: inout JSONTextReader) throws(JSONTextReader.Unfamiliar) {
        self = try reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let at = try reader.optionalText("at")
            let code: Code = try reader.word("code")
            return DocumentFailure(code, try reader.text("detail"), at: at)
        }
    }
}
