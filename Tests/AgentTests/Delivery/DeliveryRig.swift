import Foundation
import Glibc
import Shared
import Sync
import Synchronization
import Testing

@testable import Agent

/// The deliveries of one PC with a device of each kind, on a clock that a test sets.
final class DeliveryRig: Sendable {
    let world: AgentWorld
    let commands: CommandStore
    let work: PulledWork
    let share: TemporaryFolder
    private let monotonic: Mutex<ContinuousClock.Instant>
    private let position: Mutex<Int64>

    static let hub = Identifier(derivedFrom: [Array("hub".utf8)])

    init(world: AgentWorld? = nil, share: TemporaryFolder? = nil) throws {
        let world = try world ?? AgentWorld()
        self.world = world
        self.share = try share ?? TemporaryFolder()
        commands = CommandStore(store: world.store, outbox: world.outbox)
        work = PulledWork(commands: commands, doorbell: Doorbell())
        monotonic = Mutex(ContinuousClock.now)
        position = Mutex(0)
    }

    /// A folder for each kind below the share; the sources are named after their kinds' letters.
    var sources: [SourceConfiguration] {
        Command.Kind.allCases.map { kind in
            SourceConfiguration(
                name: Self.name(kind),
                path: folder(kind),
                kind: .folder,
                send: kind,
                sendPath: folder(kind)
            )
        }
    }

    static func name(_ kind: Command.Kind) -> String {
        switch kind {
        case .visionixWaitingList: "vx100"
        case .visionixIndex: "l80"
        case .phoropterImport: "phoropter"
        }
    }

    func folder(_ kind: Command.Kind) -> String { "\(share.path)/\(Self.name(kind))" }

    /// Makes the devices' folders, with an index of two patients where one belongs.
    func plugIn() throws {
        for kind in Command.Kind.allCases {
            mkdir(folder(kind), 0o755)
        }
        try write(Self.index, to: "l80/Index.txt")
    }

    static let index = "2\nSAMPLE#Bruno*SAMPLE%Bruno\nZIMMER#Ute*ZIMMER%Ute\n"

    func write(_ text: String, to name: String) throws {
        try share.write(Array(text.utf8), to: name)
    }

    func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: "\(share.path)/\(name)")
            .map { String(decoding: $0, as: UTF8.self) }
    }

    func names(_ kind: Command.Kind) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder(kind)).sorted()
    }

    func service(
        isEnabled: Bool = true,
        present: any CurrentPatient = NobodyPresent(),
        checkpoint: @escaping DeliveryCheckpoint = { _ in }
    ) -> DeliveryService {
        DeliveryService(
            commands: commands,
            sources: sources,
            isEnabled: { _, _ in isEnabled },
            present: present,
            doorbell: Doorbell(),
            logger: .silent,
            time: CaptureTime(
                now: { [self] in monotonic.withLock { $0 } },
                wallNanoseconds: { 0 },
                sleep: { _ in }
            ),
            checkpoint: checkpoint
        )
    }

    func pass(_ duration: Duration) {
        monotonic.withLock { $0 = $0.advanced(by: duration) }
    }

    /// Pulls changes as the Hub would send them; the Hub's clock is the PC's.
    func pull(_ changes: [(key: String, payload: String?)]) async throws {
        let changes = changes.map { change in
            PullReply.Change(
                position: position.withLock {
                    $0 += 1
                    return $0
                },
                key: change.key,
                kind: change.payload == nil ? .remove : .put,
                rowVersion: 1,
                payload: change.payload
            )
        }
        try await work.apply(
            PullReply(
                changes: changes,
                position: position.withLock { $0 },
                more: false,
                hub: Self.hub,
                serverTime: AgentWorld.now
            )
        )
    }

    func pull(_ command: Command) async throws {
        let text = String(decoding: try JSON.encode(command), as: UTF8.self)
        try await pull([("command/\(command.id)", text)])
    }

    /// Fetches every command anew, as after a digest that was another one.
    func refetch(_ commands: [Command]) async throws {
        try await work.refetch(.digest)
        try await fetched(commands)
    }

    /// Takes these for all commands that the Hub has.
    func fetched(_ commands: [Command]) async throws {
        try await work.apply(
            SnapshotReply(
                rows: try commands.map {
                    SnapshotReply.Row(
                        key: "command/\($0.id)",
                        rowVersion: 1,
                        payload: String(decoding: try JSON.encode($0), as: UTF8.self)
                    )
                },
                position: position.withLock { $0 },
                more: false,
                hub: Self.hub,
                serverTime: AgentWorld.now
            )
        )
    }

    func takeBack(_ command: Command) async throws {
        try await pull([("command/\(command.id)", nil)])
    }

    /// What the Hub was told, in order: `delivered`, `refused notEnabled`.
    func told(_ command: Command? = nil) async throws -> [String] {
        try await world.pending().filter { $0.kind == CommandFact.kind }
            .map { try JSON.decode(CommandFact.self, from: $0.payload) }
            .filter { command == nil || $0.id == command?.id }
            .map { [$0.state.rawValue, $0.code].compactMap(\.self).joined(separator: " ") }
    }
}

struct NobodyPresent: CurrentPatient {
    func patient(at source: String, now: Instant) async throws -> DevicePatient? { nil }
}

struct Present: CurrentPatient {
    let patient: DevicePatient

    func patient(at source: String, now: Instant) async throws -> DevicePatient? { patient }
}

extension Command {
    /// A command for an invented patient, good for half an hour.
    static func sample(
        _ kind: Kind,
        _ number: Int = 1,
        family: String = "PROBE",
        patient: String = "1000004",
        fence: Int64 = 1,
        expiresAfter: Duration = .seconds(1800)
    ) -> Command {
        Command(
            id: Identifier(derivedFrom: [Array("\(kind)\(number)".utf8)]),
            device: "source:\(DeliveryRig.name(kind))",
            kind: kind,
            issuedAt: AgentWorld.now,
            expiresAt: AgentWorld.now.advanced(by: expiresAfter),
            fence: fence,
            patient: Patient(
                number: patient,
                familyName: family,
                givenName: "Lena",
                birthDate: CalendarDate("1987-05-02"),
                sex: "f"
            ),
            refractions: kind == .phoropterImport
                ? [
                    Refraction(
                        source: .objective,
                        measuredAt: nil,
                        right: Refraction.Powers(
                            sphere: ExactDecimal(unscaled: -225, decimals: 2),
                            cylinder: ExactDecimal(unscaled: -75, decimals: 2),
                            axis: 172
                        ),
                        left: nil
                    )
                ] : []
        )
    }
}
