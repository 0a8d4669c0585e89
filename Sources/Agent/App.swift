package import Logging
import ServiceLifecycle
import Shared
import Sync
import Systemd

/// The service: everything that `clinic-agent run` does.
package enum AgentApp {
    /// Runs until the process is told to stop, then ends in order.
    ///
    /// Errors: `StateFolderError`, `SealingError`, `StoreError`, `ControlError`.
    package static func run(_ configuration: AgentConfiguration, logger: Logger) async throws {
        let folder = try StateFolder(path: configuration.stateDirectory)
        let key = try SealingKey.resolve(credential: sealingCredential(), folder: folder.path)
        // A start needs room too, and a disk that is full leaves none but this.
        let ballast = configuration.ballast
        if let free = DiskSpace.free(at: folder.path), free < ballast.bytes { ballast.release() }
        let opened = try StoreOpening.open(
            folder: folder.path,
            key: key,
            quotaMegabytes: configuration.quotaMegabytes,
            clock: .system
        )
        let store = opened.store
        if opened.wasLost {
            logger.error("the store is damaged and was set aside; capture goes on in a new one")
            try await store.write { try SyncStore.setCause(.storeLost, in: $0) }
        }
        let outbox = Outbox(sealer: store.sealer, clock: store.clock)
        let revoked = try await Revocation(store: store, outbox: outbox).mark()
        if revoked != nil { logger.error("revoked by the Hub: nothing is captured") }
        let group = try build(
            configuration,
            store: store,
            outbox: outbox,
            isRevoked: revoked != nil,
            logger: logger
        )
        logger.notice("clinic-agent starts", metadata: ["version": "\(AgentVersion.current)"])
        do {
            try await group.run()
        } catch let error as RestartForRevocation {
            // What was erased stands in the log until it is written away.
            try store.close()
            throw error
        }
        try store.close()
        logger.notice("clinic-agent has ended")
    }

    /// What `doctor` checks where no service runs.
    package static func offlineChecks(_ configuration: AgentConfiguration) -> [DoctorCheck] {
        let doctor = Doctor(configuration: configuration)
        return doctor.checks(credential: try? sealingCredential())
            + syncChecks(configuration) + doctor.deviceChecks(nil)
    }

    /// What is attached, where no service runs; blocks for a moment.
    ///
    /// Errors: `UdevError`.
    package static func offlineDevices(
        _ configuration: AgentConfiguration
    ) throws -> DevicesReport {
        try DevicesReport(configuration)
    }

    /// The sealing key that systemd hands over; nil where it hands none.
    private static func sealingCredential() throws(SealingError) -> [UInt8]? {
        do {
            return try Credentials().read("sealing-key")
        } catch .credentialMissing {
            return nil
        } catch {
            throw .keyMalformed
        }
    }
}
