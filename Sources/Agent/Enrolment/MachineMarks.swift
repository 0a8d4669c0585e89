import Foundation
package import Shared

/// What tells this machine from another: digests, so that the ids themselves stay on the PC.
package struct MachineMarks: Equatable, Sendable {
    /// SHA-256 over `/etc/machine-id`; nil where there is none.
    package var machine: Digest256?
    /// SHA-256 over the mainboard's UUID; nil where it may not be read.
    package var hardware: Digest256?

    /// Where systemd keeps the machine's id.
    package static let machineIdPath = "/etc/machine-id"
    private static let hardwarePath = "/sys/class/dmi/id/product_uuid"

    /// Takes the digests as they are.
    package init(machine: Digest256?, hardware: Digest256? = nil) {
        self.machine = machine
        self.hardware = hardware
    }

    /// Reads what this process may read.
    package static func read(machineId: String = machineIdPath) -> MachineMarks {
        MachineMarks(machine: digest(machineId), hardware: digest(hardwarePath))
    }

    private static func digest(_ path: String) -> Digest256? {
        guard let handle = FileHandle(forReadingAtPath: path),
            let content = try? handle.read(upToCount: 256),
            let text = String(data: content, encoding: .utf8)?
                .trimmingCharacters(in: .whitespacesAndNewlines),
            !text.isEmpty
        else { return nil }
        return Digest256(of: Array("clinic-gateway machine\n\(text.lowercased())".utf8))
    }
}
