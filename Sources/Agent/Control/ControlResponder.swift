import Foundation
import GRDB
import Glibc
import Shared
import Sync

/// Answers what the control socket is asked.
package struct ControlResponder: Sendable {
    private let configuration: AgentConfiguration
    private let store: AgentStore
    private let quarantine: Quarantine
    private let monitors: [SourceMonitor]
    private let checks: [DoctorCheck]
    private let sync: @Sendable () async -> SyncStatus
    private let cards: @Sendable () -> CardsStatus?
    private let devices: @Sendable () -> DevicesReport
    private let disk: @Sendable () -> DiskStatus?
    private let startedAt: Instant

    /// `sync`, `cards` and `devices` are asked for each status; `checks` are run for each doctor.
    package init(
        configuration: AgentConfiguration,
        store: AgentStore,
        quarantine: Quarantine,
        monitors: [SourceMonitor],
        checks: [DoctorCheck],
        sync: @escaping @Sendable () async -> SyncStatus,
        cards: @escaping @Sendable () -> CardsStatus? = { nil },
        disk: @escaping @Sendable () -> DiskStatus? = { nil },
        devices: @escaping @Sendable () -> DevicesReport = { DevicesReport() }
    ) {
        self.configuration = configuration
        self.store = store
        self.quarantine = quarantine
        self.monitors = monitors
        self.checks = checks
        self.sync = sync
        self.cards = cards
        self.devices = devices
        self.disk = disk
        startedAt = store.clock.now()
    }

    /// Never throws: what goes wrong is an answer too.
    package func answer(_ request: ControlRequest, peer: ControlPeer) async -> ControlReply {
        do {
            switch request {
            case .status:
                return ControlReply(status: try await status())
            case .doctor:
                return ControlReply(doctor: await DoctorReport(running: checks))
            case .devices:
                return ControlReply(devices: devices())
            case .quarantineList(let names):
                return ControlReply(quarantine: try await list(names: names && peer.isRoot))
            case .quarantineShow(let id):
                return ControlReply(document: try await show(id, peer))
            case .quarantineRelease(let id):
                return ControlReply(released: try await release(id))
            case .workstation:
                let codes = WorkstationCodes(state: configuration.stateDirectory)
                return ControlReply(workstation: try await codes.fetch())
            }
        } catch let error as ControlError {
            return ControlReply(error: error)
        } catch {
            return ControlReply(error: ControlError(.failed, "\(error)"))
        }
    }

    private func status() async throws -> StatusReport {
        let pending = try await store.read { try PendingOperations(in: $0) }
        let documents = DocumentStore(store)
        let deliveries = try await store.read { database in
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM command WHERE settled_at IS NULL"
            )
        }
        return StatusReport(
            version: AgentVersion.current,
            workstation: configuration.workstation,
            startedAt: startedAt,
            sources: monitors.map(\.status),
            pending: pending.counts,
            oldestPendingAt: pending.oldest,
            quarantined: try await documents.count(in: .quarantined),
            deliveries: deliveries ?? 0,
            databaseBytes: DiskSpace.size(of: store.path),
            freeBytes: DiskSpace.free(at: configuration.stateDirectory) ?? 0,
            isFull: store.isFull,
            disk: disk(),
            sync: await sync(),
            cards: cards(),
            devices: devices().devices.filter { $0.attachment != .folder }
        )
    }

    private func list(names: Bool) async throws -> [QuarantineEntry] {
        try await quarantine.list(limit: ControlLimits.listedDocuments).map {
            QuarantineEntry($0, name: names ? $0.name : nil)
        }
    }

    private func show(_ id: String, _ peer: ControlPeer) async throws -> QuarantineDetail {
        let document = try await find(id)
        var preview: String?
        if peer.isRoot, let bytes = try await quarantine.content(of: document) {
            preview = Data(bytes.prefix(ControlLimits.previewBytes)).base64EncodedString()
        }
        return QuarantineDetail(
            entry: QuarantineEntry(document, name: peer.isRoot ? document.name : nil),
            preview: preview
        )
    }

    private func release(_ id: String) async throws -> ReleaseResult {
        let document = try await find(id)
        var result = ReleaseResult(id: document.sha256.short)
        switch try await quarantine.release(document) {
        case .decoded(let readings): result.readings = readings
        case .alreadyDone: result.readings = 0
        case .quarantined(let failure):
            result.code = failure.code.rawValue
            result.detail = failure.detail
        }
        return result
    }

    private func find(_ id: String) async throws -> StoredDocument {
        guard let document = try await quarantine.find(id) else {
            throw ControlError(
                .notFound,
                "No document in quarantine, or more than one, has an identifier that begins so: "
                    + "clinic-agent quarantine list shows them."
            )
        }
        return document
    }
}

/// What waits for the Hub.
private struct PendingOperations {
    /// How many of each kind.
    private(set) var counts: [String: Int] = [:]
    /// When the oldest was stored.
    private(set) var oldest: Instant?

    /// Counts row by row: a `GROUP BY` would hold all of a backlog in memory to sort it.
    init(in database: Database) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT kind, created_at FROM operation WHERE state = 'pending'"
        )
        while let row = try rows.next() {
            counts[row[0], default: 0] += 1
            let createdAt: Instant = row[1]
            oldest = min(oldest ?? createdAt, createdAt)
        }
    }
}
