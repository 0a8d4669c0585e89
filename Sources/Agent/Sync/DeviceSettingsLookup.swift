import Foundation
import GRDB
import Sync

/// What people decided at the Hub for the devices of this PC.
package struct DeviceSettingsLookup: Sendable {
    private let store: AgentStore
    private let folder: IdentityFolder

    /// Takes where the Hub's rows and this PC's identity are.
    package init(store: AgentStore, folder: IdentityFolder) {
        self.store = store
        self.folder = folder
    }

    /// Whether a value on a last line without a line end counts in a source's files.
    ///
    /// False where nobody has said so for this very PC, or the row is not understood.
    /// Errors: `StoreError`.
    func acceptsUnterminatedLines(source: String) async throws -> Bool {
        let rows = try await store.read { database in
            // The first character behind a slash ends the range of keys.
            try Data.fetchAll(
                database,
                sql: """
                    SELECT payload FROM pulled_row
                    WHERE class = 'config' AND is_shadow = 0 AND key >= ? AND key < ?
                    """,
                arguments: ["device/", "device0"]
            )
        }
        let settings = rows.compactMap { try? JSONDecoder().decode(DeviceSettings.self, from: $0) }
            .filter { $0.device == "source:\(source)" && $0.acceptsUnterminatedLines }
        guard !settings.isEmpty, let identity = try? folder.load() else { return false }
        return settings.contains { $0.agent == identity.agent }
    }
}
