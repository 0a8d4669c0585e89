import Logging
import ServiceLifecycle
import Shared
import Sync

/// Syncs with the Hub for as long as the Agent runs: waits for enrolment, then drives pushes,
/// pulls, hints and renewal side by side.
struct SyncService: Service {
    private let store: AgentStore
    private let outbox: Outbox
    private let documents: DocumentStore
    private let folder: IdentityFolder
    private let board: SyncBoard
    private let disk: DiskBoard
    private let work: PulledWork
    private let workstation: String
    private let software: String
    private let salvage: Salvage
    private let machineId: String
    /// True where the Hub has revoked this PC: then it asks whether that holds, and no more.
    private let isRevoked: Bool
    private let logger: Logger

    /// While the PC is not enrolled, how often the identity is looked for.
    private static let enrolmentInterval = Duration.seconds(5)
    /// While nothing can be stored, how often it is tried.
    private static let refusedInterval = Duration.seconds(5)

    /// Takes what the Agent is made of.
    init(
        store: AgentStore,
        outbox: Outbox,
        documents: DocumentStore,
        folder: IdentityFolder,
        board: SyncBoard,
        disk: DiskBoard = DiskBoard(),
        work: PulledWork,
        workstation: String,
        software: String,
        salvage: Salvage,
        machineId: String = MachineMarks.machineIdPath,
        isRevoked: Bool = false,
        logger: Logger
    ) {
        self.store = store
        self.outbox = outbox
        self.documents = documents
        self.folder = folder
        self.board = board
        self.disk = disk
        self.work = work
        self.workstation = workstation
        self.software = software
        self.salvage = salvage
        self.machineId = machineId
        self.isRevoked = isRevoked
        self.logger = logger
    }

    /// Runs until the Agent stops.
    ///
    /// - Throws: what the store throws; the Hub's failures, a full disk and a row that does not open
    ///   only delay.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            var isSalvaged = false
            while !Task.isCancelled {
                do {
                    // Before commands come again, and before the Hub is asked what it lacks.
                    if !isSalvaged { try await salvage.run() }
                    isSalvaged = true
                    guard let identity = try? folder.load() else {
                        try? await Task.sleep(for: Self.enrolmentInterval)
                        continue
                    }
                    try await sync(as: identity)
                } catch let error where Self.isPassing(error) {
                    await hold(Self.refused, error)
                } catch let error as SealingError {
                    // One row that the disk has damaged: what is captured is safe, and goes on.
                    await hold(Self.damaged, error)
                }
            }
        }
    }

    /// True where the disk is full: another session goes on from what is stored, as after a start.
    private static func isPassing(_ error: any Error) -> Bool {
        if case EnrolmentError.identityUnwritable = error { return true }
        return (error as? StoreError)?.isPassing == true
    }

    private func hold(_ code: String, _ error: any Error) async {
        if board.current.alarm != code {
            logger.error("sync waits", metadata: ["code": "\(code)", "error": "\(error)"])
        }
        board.update { $0.alarm = code }
        try? await Task.sleep(for: Self.refusedInterval)
    }

    /// The code of an alarm that is no error of the protocol: the PC's own disk is full.
    static let refused = "storeFull"
    /// The same of an operation that does not open any more.
    static let damaged = "payloadDamaged"

    /// Syncs until the identity has changed, or the task ends.
    private func sync(as identity: AgentIdentity) async throws {
        board.update { $0.identity = identity }
        let client = HubClient(
            address: identity.hub,
            tls: try HubClient.tls(
                authority: try folder.text(folder.authorityPath),
                certificate: try folder.text(folder.certificatePath),
                key: try folder.text(folder.keyPath)
            )
        )
        defer { client.shutdown() }
        do {
            try await drive(client, identity)
        } catch is CancellationError {
            return
        }
    }

    private func drive(_ client: HubClient, _ identity: AgentIdentity) async throws {
        let pushes = Doorbell()
        let pulls = Doorbell()
        let appends = outbox.appends()
        let clock = store.clock
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in appends { pushes.ring() } }
            let pushDriver = try await pushDriver(client, identity, doorbell: pushes)
            group.addTask { try await pushDriver.run() }
            if !isRevoked {
                try await work.belong(to: identity.agent)
                addPull(client, pulls, to: &group)
                let withheld = WithheldDriver(
                    store: store,
                    outbox: outbox,
                    send: { try await client.supply($0) },
                    logger: logger
                )
                group.addTask { try await withheld.run() }
            }
            group.addTask {
                try await CertificateRenewal(
                    client: client,
                    folder: folder,
                    identity: identity,
                    clock: clock,
                    logger: logger
                ).run()
            }
            group.addTask { try await self.waitForAnotherIdentity(than: identity) }
            // A new session tells the Hub at once that the disk is full, or has room again.
            let words = disk.changes()
            group.addTask { for await _ in words { return } }
            // Whichever ends first ends the others: a failed store, a changed identity, another
            // state of the disk.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func addPull(
        _ client: HubClient,
        _ pulls: Doorbell,
        to group: inout ThrowingTaskGroup<Void, any Error>
    ) {
        let driver = PullDriver(
            hub: client,
            // Before a command is acted on, what allows it has come.
            classes: [PulledConfiguration(store: store), work],
            board: board,
            clock: store.clock,
            logger: logger,
            doorbell: pulls
        )
        group.addTask { try await driver.run() }
        let listener = HintListener(source: client, doorbell: pulls, logger: logger)
        group.addTask { await listener.run() }
    }

    private func pushDriver(
        _ client: HubClient,
        _ identity: AgentIdentity,
        doorbell: Doorbell
    ) async throws -> PushDriver {
        let installations = InstallationFile(folder: folder, marks: .read(machineId: machineId))
        let (installation, suspicion) = try installations.begin(
            store: store.id,
            clock: store.clock
        )
        let syncStore = SyncStore(store: store, outbox: outbox, agent: identity.agent)
        try await syncStore.noteLoss(suspicion)
        board.update { $0.suspicion = suspicion }
        if let suspicion {
            logger.warning(
                "the state folder does not fit its surroundings",
                metadata: ["suspicion": "\(suspicion.rawValue)"]
            )
        }
        let claims = ClaimDesk(
            client: client,
            store: syncStore,
            folder: folder,
            installations: installations,
            installation: installation,
            identity: identity,
            workstation: workstation,
            software: software,
            clock: store.clock,
            logger: logger
        )
        return PushDriver(
            client: client,
            store: syncStore,
            epochs: EpochDriver(
                client: client,
                store: syncStore,
                installation: installation,
                claims: claims,
                logger: logger
            ),
            installations: installations,
            suspicion: suspicion,
            documents: documents,
            revocation: Revocation(store: store, outbox: outbox),
            board: board,
            disk: disk,
            workstation: workstation,
            software: software,
            clock: store.clock,
            logger: logger,
            doorbell: doorbell
        )
    }

    /// An administrator may enrol the PC again while the Agent runs.
    private func waitForAnotherIdentity(than identity: AgentIdentity) async throws {
        while !Task.isCancelled {
            try await Task.sleep(for: .seconds(30))
            if let present = try? folder.load(), present != identity { return }
        }
    }
}
