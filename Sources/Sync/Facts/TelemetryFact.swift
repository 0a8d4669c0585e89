package import Shared

/// The operation `telemetry`, version 1: how an Agent was doing, once an hour.
///
/// It says nothing of patients and is the only kind that may be dropped.
package struct TelemetryFact: Equatable, Sendable, Codable {
    package static let kind = "telemetry"
    package static let version = 1

    /// The Agent's clock.
    package var at: Instant
    /// Operations that waited then.
    package var pending: Int64
    /// In bytes.
    package var databaseBytes: Int64
    package var freeBytes: Int64
    /// The Hub's clock less the Agent's; nil where it was not measured.
    package var clockOffsetMs: Int64?

    /// Takes the parts as they are.
    package init(
        at: Instant,
        pending: Int64,
        databaseBytes: Int64,
        freeBytes: Int64,
        clockOffsetMs: Int64?
    ) {
        self.at = at
        self.pending = pending
        self.databaseBytes = databaseBytes
        self.freeBytes = freeBytes
        self.clockOffsetMs = clockOffsetMs
    }
}

/// The operation `dropped`, version 1: how many operations of a class were dropped, and when.
package struct DroppedFact: Equatable, Sendable, Codable {
    package static let kind = "dropped"
    package static let version = 1

    /// `telemetry`: no other class is dropped.
    package var `class`: OperationClass
    package var count: Int64
    /// The first and the last time, by the Agent's clock.
    package var since: Instant
    package var until: Instant

    /// Takes the parts as they are.
    package init(class: OperationClass, count: Int64, since: Instant, until: Instant) {
        self.class = `class`
        self.count = count
        self.since = since
        self.until = until
    }
}
