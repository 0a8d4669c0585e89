import Agent
import Foundation
import Shared

extension StatusReport {
    /// For a person at a terminal.
    func text(now: Instant) -> String {
        var lines = [
            "clinic-agent \(version) at \(workstation), running since \(startedAt)",
            "",
            "Hub         \(hubLine)",
        ]
        if let doubt = sync.suspicion { lines.append("DOUBT       \(doubt.sentence) \(doubt.fix)") }
        lines += [
            "Pending     \(pendingLine(now))",
            "Quarantine  \(quarantined == 0 ? "empty" : "\(quarantined) documents")",
            "Deliveries  \(deliveries == 0 ? "none waits" : "\(deliveries) waiting")",
            "Store       \(storeLine)",
            "Cards       \(cards?.line ?? "switched off")",
            "",
        ]
        if sources.isEmpty { lines.append("No sources are configured.") }
        let width = sources.map(\.name.count).max() ?? 0
        lines += sources.map { source in
            let name = source.name.padding(toLength: width, withPad: " ", startingAt: 0)
            return "\(name)  \(source.line)"
        }
        if let devices, !devices.isEmpty { lines += ["", DeviceState.table(devices)] }
        return lines.joined(separator: "\n")
    }

    private var storeLine: String {
        var parts = ["\(databaseBytes / 1_048_576) MiB, \(freeBytes / 1_048_576) MiB free"]
        if let disk {
            parts.append("\(disk.usedBytes * 100 / max(disk.quotaBytes, 1)) % of the quota")
            parts.append(
                disk.hasBallast
                    ? "ballast \(disk.ballastBytes / 1_048_576) MiB" : "NO BALLAST"
            )
            if disk.givenUp > 0 { parts.append("\(disk.givenUp) settled operations given up") }
            if let sentence = disk.sentence { parts.append(sentence) }
        } else if isFull {
            parts.append("FULL: nothing is captured")
        }
        return parts.joined(separator: "; ")
    }

    private var hubLine: String {
        guard sync.isEnrolled else { return "not enrolled: clinic-agent enrol" }
        var parts = [sync.hub ?? "enrolled"]
        if let epoch = sync.epoch { parts.append("epoch \(epoch)") }
        if let push = sync.lastPushAt { parts.append("last push \(push)") }
        if let pull = sync.lastPullAt { parts.append("last pull \(pull)") }
        if let offset = sync.clockOffsetMilliseconds {
            parts.append("its clock \(offset < 0 ? "" : "+")\(offset) ms")
        }
        if let expiry = sync.certificateExpiresAt { parts.append("certificate until \(expiry)") }
        if let failure = sync.failure { parts.append("failing: \(failure)") }
        return parts.joined(separator: ", ")
    }

    private func pendingLine(_ now: Instant) -> String {
        guard !pending.isEmpty else { return "nothing" }
        let kinds = pending.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let age = oldestPendingAt.map {
            ", the oldest for \(now.duration(since: $0).wholeMilliseconds / 1000) s"
        }
        return kinds.joined(separator: ", ") + (age ?? "")
    }
}

extension CardsStatus {
    fileprivate var line: String {
        guard service == .available else { return problem ?? "looking for readers" }
        let parts = readers.map { reader in
            let last = reader.lastOutcome.map { ", last card \($0)" } ?? ""
            return "\(reader.name): \(reader.state.rawValue)\(last)"
        }
        return parts.isEmpty ? "no reader" : parts.joined(separator: "; ")
    }
}

extension SourceStatus {
    fileprivate var line: String {
        var parts = [state.rawValue]
        if let strategy { parts.append("by \(strategy)") }
        parts.append("\(documents) documents")
        if let lastDocumentAt { parts.append("last \(lastDocumentAt)") }
        if let history { parts.append("\(history) older files noted, not taken") }
        if let problem { parts.append(problem) }
        if let storage, storage.isRefused { parts.append("REFUSED: \(storage.sentence)") }
        return parts.joined(separator: ", ")
    }
}

extension DoctorReport {
    /// For a person at a terminal.
    var text: String {
        let width = findings.map(\.name.count).max() ?? 0
        var lines = findings.map { finding in
            let mark =
                switch finding.verdict {
                case .ok: "ok     "
                case .skipped: "skipped"
                case .warning: "WARNING"
                case .problem: "PROBLEM"
                }
            let name = finding.name.padding(toLength: width, withPad: " ", startingAt: 0)
            let line = "\(mark)  \(name)  \(finding.detail)"
            return finding.fix.map { "\(line)\n         Fix: \($0)" } ?? line
        }
        if let cause, let fix = cause.fix { lines.append("\nFirst: \(cause.name): \(fix)") }
        return lines.joined(separator: "\n")
    }
}

extension QuarantineEntry {
    static func table(_ entries: [QuarantineEntry]) -> String {
        guard !entries.isEmpty else { return "The quarantine is empty." }
        return entries.map(\.line).joined(separator: "\n")
    }

    fileprivate var line: String {
        let place = at.map { " (\($0))" } ?? ""
        let size = isPartial ? "\(bytes) bytes, only the beginning kept" : "\(bytes) bytes"
        let line = "\(id)  \(capturedAt)  \(source)  \(code)  \(size)\n    \(detail)\(place)"
        return name.map { "\(line)\n    \($0.printable)" } ?? line
    }
}

extension QuarantineDetail {
    /// `withContent` also prints the first bytes.
    func text(withContent: Bool) -> String {
        guard withContent, let preview, let bytes = Data(base64Encoded: preview) else {
            return QuarantineEntry.table([entry])
        }
        return QuarantineEntry.table([entry]) + "\n\n" + Self.dump(Array(bytes))
    }

    private static func dump(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 16).map { start in
            let row = bytes[start..<min(start + 16, bytes.count)]
            let digits = row.map { Hexadecimal.encode([$0]) }.joined(separator: " ")
            let text = String(
                decoding: row.map { (32...126).contains($0) ? $0 : UInt8(ascii: ".") },
                as: UTF8.self
            )
            let offset = String(start, radix: 16)
            let place = String(repeating: "0", count: 6 - min(6, offset.count)) + offset
            return "\(place)  \(digits.padding(toLength: 47, withPad: " ", startingAt: 0))  \(text)"
        }.joined(separator: "\n")
    }
}

extension ReleaseResult {
    /// For a person at a terminal.
    var text: String {
        if let readings { return "\(id) gave \(readings) readings." }
        return "\(id) stays in quarantine: \(code ?? "unknown"). \(detail ?? "")"
    }
}

extension String {
    /// Without characters that move a terminal's cursor or turn its direction.
    fileprivate var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }
            )
        )
    }
}
