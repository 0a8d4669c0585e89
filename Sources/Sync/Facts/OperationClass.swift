/// How much an operation matters when the Hub has too much to do, or the disk too little room.
///
/// Classes are apart only before an operation has its number: the Agent numbers what may go, and
/// holds the rest back unnumbered. So the log is one, without gaps, whatever is held back.
package enum OperationClass: String, CaseIterable, Sendable, Codable {
    /// What was measured, of whom, and what became of a command: never held back, never dropped.
    case clinical
    /// What happened to devices: may come later, and is never dropped.
    case audit
    /// How the Agent is doing: may be dropped, and then is counted.
    case telemetry

    /// The class of a kind; one that is not known here is clinical.
    package init(kind: String) {
        switch kind {
        case TelemetryFact.kind: self = .telemetry
        case DeviceFact.kind, DroppedFact.kind: self = .audit
        default: self = .clinical
        }
    }
}
