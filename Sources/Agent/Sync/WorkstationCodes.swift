import Shared
package import Sync

/// Fetches from the Hub the code with which a browser on this PC says where it stands.
package struct WorkstationCodes: Sendable {
    private let folder: IdentityFolder

    /// Takes the Agent's state folder.
    package init(state: String) {
        folder = IdentityFolder(state: state)
    }

    /// Asks the Hub under this PC's certificate.
    ///
    /// Errors: `ControlError` where the PC is not enrolled or the Hub does not answer.
    package func fetch() async throws(ControlError) -> WorkstationReply {
        guard let identity = try? folder.load(),
            let tls = try? HubClient.tls(
                authority: folder.text(folder.authorityPath),
                certificate: folder.text(folder.certificatePath),
                key: folder.text(folder.keyPath)
            )
        else {
            throw ControlError(
                .unavailable,
                "This PC is not enrolled with a Hub yet: clinic-agent enrol."
            )
        }
        let client = HubClient(address: identity.hub, tls: tls)
        defer { client.shutdown() }
        do throws(SyncError) {
            return try await client.call(
                SyncPaths.workstation,
                body: [String: String](),
                reply: WorkstationReply.self
            )
        } catch {
            throw ControlError(.unavailable, "The Hub gave no code (\(error)).")
        }
    }
}
