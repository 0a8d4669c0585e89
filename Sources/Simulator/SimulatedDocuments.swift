package import Shared

/// An endless stream of one device's files: visit after visit, some minutes apart.
///
/// No two files of a stream have the same path, and no two the same bytes, but for the two eyes of a
/// patient with the same pressure on a VX120.
package struct SimulatedDocuments: Sequence, IteratorProtocol, Sendable {
    private let device: SimulatedDevice
    private let seed: UInt64
    private let start: LocalTime
    private var visit = 0
    private var waiting: ArraySlice<SimulatedFile> = []

    /// The files of `device` from `start` on.
    package init(device: SimulatedDevice, seed: UInt64, start: LocalTime = Self.usualStart) {
        self.device = device
        self.seed = seed
        self.start = start
    }

    /// 20 November 2026, eight o'clock: so that the same seed gives the same bytes on any day.
    package static let usualStart = LocalTime(millisecondsAsUTC: 1_795_161_600_000)

    package mutating func next() -> SimulatedFile? {
        while waiting.isEmpty {
            let milliseconds = start.millisecondsAsUTC + Int64(visit) * 60_000
            waiting =
                SimulatedVisit(
                    number: visit,
                    start: LocalTime(millisecondsAsUTC: milliseconds),
                    seed: seed
                ).files(from: device)[...]
            visit += 1
        }
        return waiting.removeFirst()
    }
}
