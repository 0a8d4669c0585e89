package import Shared

/// One transmission of a serial device as it went over the line: the document of such a device.
///
/// It is kept before it is decoded, and can be replayed. Limits: 64 KiB in both directions,
/// 4096 chunks.
package struct SerialRecording: Equatable, Sendable {
    /// Bytes that went one way without a pause.
    package struct Chunk: Equatable, Sendable {
        package var direction: Direction
        /// From the recording's first byte to the chunk's first.
        package var offset: Duration
        package var bytes: [UInt8]
    }

    /// The way of a chunk, as the format writes it.
    package enum Direction: String, Sendable {
        /// The device sent it.
        case received = "<"
        /// We sent it.
        case sent = ">"
    }

    /// Why a transmission is not whole.
    package enum Break: String, Sendable, CaseIterable {
        /// The device was detached, or the port closed.
        case detached
        /// The device stopped before its own end mark.
        case silence
        /// More than one transmission can hold.
        case tooLong = "too-long"
        /// Bytes that the protocol does not allow at their place.
        case malformed
        /// The device began again before it had ended.
        case restarted
        /// No frame of the protocol was found in it.
        case unrecognised
    }

    /// The protocol that the port was given: `l70`.
    package let protocolName: String
    /// The settings that the port had.
    package let line: SerialLine
    /// The Agent's local time at the first byte; the driver sets it, since protocols have no clock.
    package var started: LocalTime?
    /// Why it is not whole; nil where it is.
    package var ending: Break?
    package private(set) var chunks: [Chunk] = []
    /// The first byte's moment on the driver's clock; not part of the document.
    package private(set) var began: Duration?

    private var count = 0
    private var lastMoment: Duration = .zero

    /// An empty recording.
    package init(protocolName: String, line: SerialLine) {
        self.protocolName = protocolName
        self.line = line
    }

    /// The most bytes of one recording, both ways together.
    package static let maximumBytes = 64 * 1024
    /// The most chunks of one recording.
    package static let maximumChunks = 4096
    /// Longer than any recording goes on.
    static let maximumOffset: Duration = .seconds(1_000_000)

    /// True where the next byte may not fit.
    package var isFull: Bool {
        // Room for what a full recording still has to answer.
        count >= Self.maximumBytes - 64 || chunks.count >= Self.maximumChunks - 8
    }

    /// Everything that the device sent.
    package var received: [UInt8] {
        chunks.filter { $0.direction == .received }.flatMap(\.bytes)
    }

    /// How many bytes the device sent.
    package var receivedBytes: Int {
        chunks.reduce(0) { $0 + ($1.direction == .received ? $1.bytes.count : 0) }
    }

    /// Adds a byte; one that follows at once belongs to the same chunk.
    package mutating func append(_ byte: UInt8, _ direction: Direction, at moment: Duration) {
        let start = began ?? moment
        began = start
        count += 1
        if let last = chunks.indices.last, chunks[last].direction == direction,
            moment - lastMoment < Self.pause, chunks[last].bytes.count < Self.chunkBytes
        {
            chunks[last].bytes.append(byte)
        } else {
            let offset = min(moment - start, Self.maximumOffset)
            chunks.append(Chunk(direction: direction, offset: offset, bytes: [byte]))
        }
        lastMoment = moment
    }

    /// Takes over a chunk that was read from a document.
    mutating func append(_ chunk: Chunk) {
        count += chunk.bytes.count
        chunks.append(chunk)
    }

    /// A shorter gap does not begin a new chunk.
    private static let pause: Duration = .milliseconds(20)
    /// The most bytes of one chunk.
    static let chunkBytes = 1024

    package static func == (left: SerialRecording, right: SerialRecording) -> Bool {
        left.protocolName == right.protocolName && left.line == right.line
            && left.started == right.started && left.ending == right.ending
            && left.chunks == right.chunks
    }
}
