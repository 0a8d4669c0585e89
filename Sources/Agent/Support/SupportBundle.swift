import Foundation
import GRDB
import Gzip
package import Shared
import Sync

/// What IT sends to whoever helps: how this PC and its store are, and nothing about any patient.
///
/// Every file in it is made of fields that are named here or in `StoreStatistics`; nothing is
/// copied as it lies on the disk.
package struct SupportBundle: Sendable {
    private let configuration: AgentConfiguration
    private let status: StatusReport?
    private let doctor: DoctorReport
    private let journal: [String]
    private let now: Instant

    /// Journal lines at most.
    package static let maximumLines = 500

    /// `status` is nil where no service runs; `journal` are the unit's last lines as they are.
    package init(
        configuration: AgentConfiguration,
        status: StatusReport?,
        doctor: DoctorReport,
        journal: [String],
        now: Instant
    ) {
        self.configuration = configuration
        self.status = status
        self.doctor = doctor
        self.journal = journal
        self.now = now
    }

    /// The names of the files, and what they are, for people.
    package static let contents: [(name: String, what: String)] = [
        ("about.txt", "versions of the Agent, of the system and of SQLite; the time"),
        ("status.json", "what clinic-agent status --json says, without labels of sticks"),
        ("doctor.json", "what clinic-agent doctor --json says"),
        ("configuration.yaml", "the configuration in force; it holds no secrets"),
        ("store.json", "sizes and counts of the store"),
        ("journal.txt", "the unit's last \(maximumLines) lines, without quoted texts and numbers"),
    ]

    /// The bundle as a file: a gzipped tar archive.
    package func archive() throws -> [UInt8] {
        var tar = TarArchive(now: now)
        let texts: [String: [UInt8]] = [
            "about.txt": Array(about.utf8),
            "status.json": try status.map { try JSON.encodePretty(Self.anonymous($0)) }
                ?? Array("null\n".utf8),
            "doctor.json": try JSON.encodePretty(doctor),
            "configuration.yaml": Array((configuration.text + "\n").utf8),
            "store.json": try JSON.encodePretty(
                StoreStatistics(folder: configuration.stateDirectory)
            ),
            "journal.txt": Array(lines.joined(separator: "\n").utf8),
        ]
        for (name, _) in Self.contents { tar.add("clinic-agent/\(name)", texts[name] ?? []) }
        return Gzip.compress(tar.content)
    }

    private var about: String {
        let release = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        let name = release.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        let kernel = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        let sqlite = try? DatabaseQueue().read {
            try String.fetchOne($0, sql: "SELECT sqlite_version()")
        }
        return """
            clinic-agent \(AgentVersion.current)
            made at \(now)
            system \(name.map { $0.dropFirst(12).replacing("\"", with: "") } ?? "unknown")
            kernel \((kernel ?? "unknown").trimmingCharacters(in: .whitespacesAndNewlines))
            SQLite \(sqlite ?? "unknown")
            service \(status == nil ? "does not run" : "runs")

            """
    }

    /// A stick's label and a mount's path can be a person's name.
    static func anonymous(_ status: StatusReport) -> StatusReport {
        var status = status
        status.devices = status.devices?.map { device in
            var device = device
            device.adapter.label = device.adapter.label.map { _ in Redaction.mark }
            device.adapter.mountPath = nil
            device.node = device.attachment == .serial ? device.node : nil
            return device
        }
        return status
    }

    private var lines: [String] {
        let own =
            [configuration.stateDirectory, configuration.controlSocket]
            + configuration.sources.map(\.path)
        // A file below a source's folder is named after a patient; the folder itself is not.
        return journal.suffix(Self.maximumLines).map {
            Redaction.line($0, keepingWhole: own)
        }
    }
}
