import struct Foundation.Data
import Shared
import Sync

/// An operation's payload, read and checked: something to project, or a reason to ask a person.
///
/// Indirect: a reading is large, and each goes from list to list on its way.
indirect enum ReceivedFact: Sendable {
    case document(DocumentFact, content: [UInt8]?)
    /// With its reading's text, where the payload has it as it is stored.
    case reading(ReadingFact, text: [UInt8]?)
    /// With its place in the agent's log: a device's state is the newest one.
    case device(DeviceFact, sequence: Int64)
    case card(CardFact)
    case command(CommandFact)
    /// Kept in the log, and shown nowhere: how the agent was doing, and what it dropped of that.
    case condition
    /// Kept as it came; the code says why it is not shown.
    case unusable(code: String)

    /// Reads an operation, and one that an agent sealed to this Hub when it was revoked.
    init(_ operation: Operation, ring: SealingRing) {
        guard operation.kind == LeftoverFact.kind, operation.version == LeftoverFact.version else {
            self.init(operation)
            return
        }
        guard let fact = try? JSON.decode(LeftoverFact.self, from: operation.payload) else {
            self = .unusable(code: "payloadMalformed")
            return
        }
        do {
            self.init(
                try fact.operation(sequence: operation.sequence) {
                    envelope,
                    place,
                    limit throws(EnvelopeError) in
                    try ring.open(envelope, from: place, limit: limit)
                }
            )
        } catch {
            self = .unusable(code: "envelopeDamaged")
        }
    }

    /// Reads the payload of an operation; never throws, for nothing may stop those behind it.
    init(_ operation: Operation) {
        switch (operation.kind, operation.version) {
        case (DocumentFact.kind, DocumentFact.version):
            self = Self.document(operation.payload)
        case (ReadingFact.kind, ReadingFact.version):
            self = Self.reading(operation.payload)
        case (DeviceFact.kind, DeviceFact.version):
            self = Self.device(operation.payload, sequence: operation.sequence)
        case (CardFact.kind, CardFact.version):
            self = Self.card(operation.payload)
        case (CommandFact.kind, CommandFact.version):
            self = Self.command(operation.payload)
        case (TelemetryFact.kind, TelemetryFact.version):
            self = Self.condition(TelemetryFact.self, operation.payload)
        case (DroppedFact.kind, DroppedFact.version):
            self = Self.condition(DroppedFact.self, operation.payload)
        case (TelemetryFact.kind, _), (DroppedFact.kind, _), (DocumentFact.kind, _),
            (ReadingFact.kind, _), (DeviceFact.kind, _),
            (CardFact.kind, _), (CommandFact.kind, _):
            self = .unusable(code: "versionUnknown")
        default:
            self = .unusable(code: "kindUnknown")
        }
    }

    /// Every kind and version that this Hub can show.
    ///
    /// A version stays here for ever once it was released: no upload is refused for its age.
    static let known: [(kind: String, version: Int)] = [
        (DocumentFact.kind, DocumentFact.version), (ReadingFact.kind, ReadingFact.version),
        (DeviceFact.kind, DeviceFact.version), (CardFact.kind, CardFact.version),
        (CommandFact.kind, CommandFact.version), (TelemetryFact.kind, TelemetryFact.version),
        (DroppedFact.kind, DroppedFact.version), (LeftoverFact.kind, LeftoverFact.version),
    ]

    private static func condition<Fact: Decodable>(
        _ type: Fact.Type,
        _ payload: [UInt8]
    ) -> ReceivedFact {
        (try? JSON.decode(type, from: payload)) == nil
            ? .unusable(code: "payloadMalformed") : .condition
    }

    private static func document(_ payload: [UInt8]) -> ReceivedFact {
        guard let fact = try? DocumentFact(payload: payload) else {
            return .unusable(code: "payloadMalformed")
        }
        guard fact.bytes >= 0, fact.name.utf8.count <= Limits.nameBytes * 4,
            fact.source.utf8.count <= Limits.nameBytes
        else { return .unusable(code: "payloadOutOfRange") }
        guard let text = fact.content else { return .document(fact, content: nil) }
        guard let content = Data(base64Encoded: text).map(Array.init),
            isContent(content, of: fact)
        else { return .unusable(code: "contentDiffers") }
        return .document(fact, content: content)
    }

    /// Whether bytes are those that a fact names: checked again here, after their journey.
    static func isContent(_ content: [UInt8], of fact: DocumentFact) -> Bool {
        (fact.isPartial || content.count == fact.bytes) && Digest256(of: content) == fact.sha256
    }

    private static func command(_ payload: [UInt8]) -> ReceivedFact {
        guard let fact = try? JSON.decode(CommandFact.self, from: payload) else {
            return .unusable(code: "payloadMalformed")
        }
        return .command(fact)
    }

    private static func reading(_ payload: [UInt8]) -> ReceivedFact {
        guard let (fact, text) = try? ReadingFact.read(payload) else {
            return .unusable(code: "payloadMalformed")
        }
        let reading = fact.reading
        guard fact.revision > 0, reading.values.count <= Limits.valuesPerReading,
            reading.documents.count <= 8,
            fact.workstation.utf8.count <= Limits.nameBytes,
            fact.source.utf8.count <= Limits.nameBytes,
            reading.label.utf8.count <= Limits.nameBytes
        else { return .unusable(code: "payloadOutOfRange") }
        return .reading(fact, text: text)
    }

    private static func device(_ payload: [UInt8], sequence: Int64) -> ReceivedFact {
        guard let fact = try? JSON.decode(DeviceFact.self, from: payload) else {
            return .unusable(code: "payloadMalformed")
        }
        return fact.isWithinLimits
            ? .device(fact, sequence: sequence) : .unusable(code: "payloadOutOfRange")
    }

    private static func card(_ payload: [UInt8]) -> ReceivedFact {
        guard let fact = try? JSON.decode(CardFact.self, from: payload) else {
            return .unusable(code: "payloadMalformed")
        }
        let words = [fact.applet ?? ""] + fact.invalid
        guard fact.reader.utf8.count <= Limits.nameBytes, fact.invalid.count <= 8,
            words.allSatisfy({ $0.utf8.count <= 64 }),
            (fact.envelope?.utf8.count ?? 0) <= Envelope.maximumBytes * 2
        else { return .unusable(code: "payloadOutOfRange") }
        return .card(fact)
    }
}

extension DeviceFact {
    /// Whether every text is as long as such a text can be.
    fileprivate var isWithinLimits: Bool {
        let texts = [
            source, problem?.sentence, adapter.serial, adapter.portPath, adapter.label,
            adapter.mountPath, adapter.title,
        ]
        let words = [driver, problem?.code, adapter.vendor, adapter.product] + accepts
        return (1...512).contains(key.utf8.count) && accepts.count <= 16
            && texts.allSatisfy { ($0?.utf8.count ?? 0) <= Limits.nameBytes }
            && words.allSatisfy { ($0?.utf8.count ?? 0) <= 64 }
    }
}
