/// The state machine of every protocol: one framing, with recording, silence, caps and noise.
struct SerialSession<Framing: SerialFraming>: SerialProtocol {
    private let line: SerialLine
    private var framing = Framing()
    private var recording: SerialRecording
    private var doubt = LineDoubt()
    private var lastByte: Duration?
    /// Bytes of the recording that belong to a transmission.
    private var meant = 0
    /// Noise that no action has told yet.
    private var noise = 0
    /// Recordings of noise alone since something whole came.
    private var keptNoises = 0

    init(line: SerialLine) {
        self.line = line
        recording = SerialRecording(protocolName: Framing.name, line: line)
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>, at moment: Duration) -> [SerialAction] {
        var actions: [SerialAction] = []
        // Bytes that come after a long silence are another transmission, even if nobody woke us.
        if isOver(at: moment) { actions += close(.silence) }
        for byte in bytes {
            record(byte, at: moment)
            take(byte, at: moment, &actions)
            if recording.isFull { actions += close(.tooLong) }
        }
        guard !bytes.isEmpty else { return actions }
        lastByte = moment
        actions.append(.wake(moment + Framing.silence))
        return actions
    }

    mutating func silent(at moment: Duration) -> [SerialAction] {
        guard let lastByte else { return [] }
        guard isOver(at: moment) else { return [.wake(lastByte + Framing.silence)] }
        return close(.silence)
    }

    mutating func end(at moment: Duration) -> [SerialAction] {
        close(.detached)
    }

    /// Fewer bytes of noise alone are counted and not kept: every plug makes some.
    private static var keptNoise: Int { 16 }
    /// The most recordings without anything whole between them.
    private static var keptNoises: Int { 256 }

    private func isOver(at moment: Duration) -> Bool {
        guard let lastByte else { return false }
        return moment - lastByte >= Framing.silence
    }

    private mutating func record(_ byte: UInt8, at moment: Duration) {
        guard Framing.isRecorded else { return }
        recording.append(byte, .received, at: moment)
    }

    private mutating func take(_ byte: UInt8, at moment: Duration, _ actions: inout [SerialAction])
    {
        switch framing.take(byte) {
        case .noise:
            noise += 1
            if doubt.note(byte) { actions.append(.wrongBaud) }
        case .part: meant += 1
        case .reply(let bytes):
            meant += 1
            for byte in bytes { recording.append(byte, .sent, at: moment) }
            actions.append(.send(bytes))
        case .whole:
            meant += 1
            actions += finish(.document(taken(nil)))
        case .broken(let reason):
            meant += 1
            actions += finish(.partial(taken(reason), reason))
        case .restart(let bytes):
            actions += finish(.partial(taken(.restarted), .restarted))
            meant = 1
            for byte in bytes { recording.append(byte, .sent, at: moment) }
            actions.append(.send(bytes))
        case .live(let state):
            doubt.clear()
            actions.append(.live(state))
        }
    }

    /// Ends what is under way because of something other than a byte.
    private mutating func close(_ reason: SerialRecording.Break) -> [SerialAction] {
        lastByte = nil
        framing = Framing()
        if Framing.endsBySilence, reason == .silence, meant > 0 {
            return finish(.document(taken(nil)))
        }
        if meant > 0, Framing.isRecorded { return finish(.partial(taken(reason), reason)) }
        return closeNoise()
    }

    private mutating func finish(_ action: SerialAction) -> [SerialAction] {
        if case .document = action {
            doubt.clear()
            keptNoises = 0
        }
        meant = 0
        return toldNoise() + [action]
    }

    private mutating func closeNoise() -> [SerialAction] {
        meant = 0
        let unread = taken(.unrecognised)
        // At the wrong speed one sample says all; of a device that is not known, each may count.
        let limit = doubt.isTold ? 1 : Self.keptNoises
        guard unread.receivedBytes >= Self.keptNoise, keptNoises < limit else {
            return toldNoise()
        }
        keptNoises += 1
        return toldNoise() + [.partial(unread, .unrecognised)]
    }

    private mutating func toldNoise() -> [SerialAction] {
        defer { noise = 0 }
        return noise > 0 ? [.noise(noise)] : []
    }

    /// The recording so far, closed; a new one begins.
    private mutating func taken(_ reason: SerialRecording.Break?) -> SerialRecording {
        var done = recording
        done.ending = reason
        recording = SerialRecording(protocolName: Framing.name, line: line)
        return done
    }
}

/// Whether bytes that fit no frame look like those of another speed or parity.
///
/// A receiver at the wrong speed sees mostly zeros, and bytes with the highest bit set, which no
/// text of these devices has.
struct LineDoubt {
    private var strange = 0
    private var seen = 0
    /// True once there was reason to suspect the line.
    private(set) var isTold = false

    /// Notes a byte that fits no frame; true once, where there is reason to suspect the line.
    mutating func note(_ byte: UInt8) -> Bool {
        seen += 1
        if byte == 0 || byte >= 0x80 { strange += 1 }
        guard !isTold, strange >= 8, strange * 5 >= seen * 2 else { return false }
        isTold = true
        return true
    }

    /// Something whole came: the line is right.
    mutating func clear() { self = LineDoubt() }
}
