/// Where one protocol's transmissions begin and end, byte by byte.
///
/// `SerialSession` does the rest: recording, silence, caps, noise. The same framing reads a
/// recording again when it is decoded.
protocol SerialFraming: Sendable {
    /// The name in rules and recordings.
    static var name: String { get }
    /// The line settings of such devices.
    static var line: SerialLine { get }
    /// How long the line is quiet before a transmission counts as over.
    static var silence: Duration { get }
    /// True where silence is the only end that a transmission has.
    static var endsBySilence: Bool { get }
    /// False where what goes by is shown and never kept.
    static var isRecorded: Bool { get }

    /// A framing that has seen nothing.
    init()
    /// Takes one byte.
    mutating func take(_ byte: UInt8) -> SerialStep
}

extension SerialFraming {
    static var silence: Duration { .seconds(2) }
    static var endsBySilence: Bool { false }
    static var isRecorded: Bool { true }
}

/// What one byte means.
enum SerialStep: Equatable {
    /// Belongs to no transmission.
    case noise
    /// Belongs to the transmission that is under way.
    case part
    /// Belongs to it, and the device waits for these bytes.
    case reply([UInt8])
    /// Ends a whole transmission.
    case whole
    /// Ends a transmission that is not whole, or is not what the protocol allows.
    case broken(SerialRecording.Break)
    /// Begins the next transmission before this one has ended; the device waits for these bytes.
    case restart([UInt8])
    /// Ends a frame that shows a state.
    case live(SerialLiveState)
}
