/// An open serial port, which no other process has.
///
/// All of its work is done on a thread of its own, so that a driver that hangs holds up nobody
/// else. The port closes when it is told to, when the device goes, or when nobody holds it any
/// more; the settings that it had before are put back.
package final class SerialPort: Sendable {
    private let core: PortCore

    private init(_ core: PortCore) { self.core = core }

    deinit { core.requestClose() }

    /// Opens the port at `path`, to be called once udev has told of it: it is never created.
    ///
    /// Errors: every one but `closed`, `timedOut` and `overloaded`.
    package static func open(
        _ path: String,
        _ settings: LineSettings
    ) async throws(SerialPortFailure) -> SerialPort {
        let core = PortCore()
        let outcome = await withCheckedContinuation { continuation in
            core.start(path: path, settings: settings) { continuation.resume(returning: $0) }
        }
        if let outcome { throw outcome }
        return SerialPort(core)
    }

    /// What the device sends, until the port is closed or the device goes; for one reader.
    ///
    /// Where nobody takes them, at most 1 MiB is kept, and the rest stays in the driver.
    package var chunks: Chunks { Chunks(core: core, port: self) }

    /// Writes all of `bytes`, or fails once `deadline` has passed.
    package func write(
        _ bytes: [UInt8],
        deadline: Duration
    ) async throws(SerialPortFailure) {
        let core = core
        let outcome = await withCheckedContinuation { continuation in
            core.enqueue(bytes, deadline: deadline) { continuation.resume(returning: $0) }
        }
        if let outcome { throw outcome }
    }

    /// Closes the port; on return the device is free for others.
    package func close() async {
        let core = core
        await withCheckedContinuation { continuation in
            core.whenClosed { continuation.resume() }
            core.requestClose()
        }
    }

    /// The time since the port was opened, on the clock of the chunks' moments.
    package var moment: Duration { core.moment }

    /// Why `chunks` has ended; nil while it goes on.
    package var ending: SerialPortFailure? { core.ending }

    /// What went wrong on the line since the port was opened.
    package var errors: LineErrors { core.errors }

    /// Bytes that were read at once.
    package struct Chunk: Equatable, Sendable {
        package var bytes: [UInt8]
        /// When they were read, since the port was opened.
        package var moment: Duration
        /// How many of them came with a wrong parity or stop bit.
        package var faults: Int
    }

    /// What went wrong on a line.
    package struct LineErrors: Equatable, Sendable {
        /// Bytes with a wrong parity or stop bit.
        package var faults = 0
        /// The line was held down for longer than a byte.
        package var breaks = 0
        /// Bytes that the adapter lost, where it tells.
        package var overruns = 0

        /// Nothing yet.
        package init() {}
    }

    /// The chunks of a port in their order.
    package struct Chunks: AsyncSequence, Sendable {
        package typealias Element = Chunk
        package typealias Failure = Never
        fileprivate let core: PortCore
        /// Keeps the port open while it is read.
        fileprivate let port: SerialPort

        package func makeAsyncIterator() -> Iterator { Iterator(core: core, port: port) }

        /// Takes one chunk after another.
        package struct Iterator: AsyncIteratorProtocol {
            fileprivate let core: PortCore
            fileprivate let port: SerialPort

            /// The next chunk; nil at the end, and where the task is cancelled.
            package mutating func next() async -> Chunk? {
                let core = core
                let ticket = core.ticket()
                return await withTaskCancellationHandler {
                    await withCheckedContinuation { continuation in
                        core.take(ticket) { continuation.resume(returning: $0) }
                    }
                } onCancel: {
                    core.cancelTake(ticket)
                }
            }
        }
    }
}

extension SerialPort.LineErrors: CustomStringConvertible {
    package var description: String {
        "\(faults) faults, \(breaks) breaks, \(overruns) overruns"
    }
}
