import DeviceFormats
import Foundation
import Shared

/// One opening of one port: bytes in, documents and answers out; the same bytes at the same moments
/// give the same documents, so that a session can be gone through again.
struct SerialConversation: Sendable {
    private var state: any SerialProtocol
    private let beganAt: Instant
    private let zone: TimeZone

    /// What is to be done, in this order.
    enum Step: Equatable, Sendable {
        case send([UInt8])
        case document(SerialDocument)
        /// Bytes that belong to nothing went by.
        case noise(Int)
        case wrongBaud
        /// Call `silent` at this moment.
        case wake(Duration)
    }

    /// Takes the protocol of a session; nil for one that this version does not know.
    init?(_ session: SerialSpool.Session, zone: TimeZone) {
        guard let entry = SerialProtocols.named(session.protocolName) else { return nil }
        state = entry.make(session.line)
        beganAt = session.beganAt
        self.zone = zone
    }

    mutating func receive(_ chunk: SerialSpool.Chunk) -> [Step] {
        steps(state.receive(chunk.bytes, at: chunk.moment))
    }

    mutating func silent(at moment: Duration) -> [Step] { steps(state.silent(at: moment)) }

    mutating func end(at moment: Duration) -> [Step] { steps(state.end(at: moment)) }

    private func steps(_ actions: [SerialAction]) -> [Step] {
        actions.compactMap { action in
            switch action {
            case .send(let bytes): .send(bytes)
            case .document(let recording): .document(document(recording, ending: nil))
            case .partial(let recording, let reason):
                .document(document(recording, ending: reason))
            // What a phoropter shows while it is turned is no result, and is not kept.
            case .live: nil
            case .noise(let count): .noise(count)
            case .wrongBaud: .wrongBaud
            case .wake(let moment): .wake(moment)
            }
        }
    }

    private func document(
        _ recording: SerialRecording,
        ending: SerialRecording.Break?
    ) -> SerialDocument {
        var recording = recording
        let began = beganAt.advanced(by: recording.began ?? .zero)
        let offset = zone.secondsFromGMT(
            for: Date(timeIntervalSince1970: Double(began.milliseconds) / 1000)
        )
        recording.started = LocalTime(
            millisecondsAsUTC: began.milliseconds + Int64(offset) * 1000
        )
        return SerialDocument(
            bytes: recording.encoded(),
            began: began,
            protocolName: recording.protocolName,
            ending: ending,
            resembles: recording.protocolName == DeviceRules.defaultProtocol
                ? Self.resemblance(of: recording.received) : nil
        )
    }

    /// The only protocol that finds something of its own in `bytes`.
    ///
    /// It is for a person to say that a device speaks it: answering on a guess could make a device
    /// believe that its measurement has arrived.
    private static func resemblance(of bytes: [UInt8]) -> String? {
        let found = SerialProtocols.all.filter { entry in
            guard entry.name != DeviceRules.defaultProtocol else { return false }
            var state = entry.make(entry.line)
            return state.receive(bytes, at: .zero).contains { action in
                switch action {
                case .document, .live: true
                case .send, .partial, .noise, .wrongBaud, .wake: false
                }
            }
        }
        return found.count == 1 ? found[0].name : nil
    }
}

/// A transmission as it is stored: whole, or what came of it.
struct SerialDocument: Equatable, Sendable {
    /// The recording's text.
    let bytes: [UInt8]
    /// The Agent's clock at its first byte.
    let began: Instant
    let protocolName: String
    /// Why it is not whole; nil where it is.
    let ending: SerialRecording.Break?
    /// The protocol that what was recorded blindly looks like; nil where it is like none, or like
    /// several.
    let resembles: String?

    /// What it is called among the documents of its source.
    var name: String {
        let digits = began.description.filter { $0.isNumber || $0 == "T" }
        return "\(digits)-\(protocolName).serial"
    }
}

extension SerialRecording.Break {
    /// What to tell a person.
    var sentence: String {
        switch self {
        case .detached: "It was unplugged in the middle of a transmission: what came of it is kept."
        case .silence: "It stopped in the middle of a transmission: what came of it is kept."
        case .tooLong: "It sent more than one transmission can hold: what came is kept in parts."
        case .malformed: "It sent what its protocol does not allow: what came is kept."
        case .restarted: "It began a transmission again before the first was over."
        case .unrecognised: "What it sends fits no frame of its protocol: it is kept as it came."
        }
    }
}
