import DeviceFormats
import Foundation
import Logging
import Shared
import Sync

/// Listens to one serial port: keeps what comes, answers as the protocol says, stores whole
/// transmissions, and what came of others.
struct SerialDriver: DeviceDriver {
    let run: DriverRun
    let protocolName: String
    let line: DeviceRule.Line?
    let store: AgentStore
    let capture: SerialCapture
    let open: SerialOpening
    let logger: Logger
    var zone = TimeZone.current

    func run(
        _ tell: @escaping @Sendable (DriverEvent) async -> Void
    ) async throws(DriverFailure) {
        guard let entry = SerialProtocols.named(protocolName) else {
            throw DriverFailure("unknown-driver", "No protocol has this name.")
        }
        guard let settings = SerialLine(line, standard: entry.line) else {
            throw DriverFailure("line", "Its rule gives the line settings that no port has.")
        }
        let connection = try await open(run.device.node, settings)
        await tell(.ready)
        let session = SerialSpool.Session(
            id: store.clock.identifier(),
            source: run.source,
            protocolName: protocolName,
            line: settings,
            beganAt: store.clock.now()
        )
        guard let conversation = SerialConversation(session, zone: zone) else { return }
        let listener = SerialListener(
            session: session,
            conversation: conversation,
            spool: SerialSpool(store: store),
            capture: capture,
            connection: connection,
            logger: logger,
            tell: tell
        )
        try await listener.listen()
    }
}

extension SerialLine {
    /// What a rule says, else the protocol's own; nil for settings that no port has.
    init?(_ line: DeviceRule.Line?, standard: SerialLine) {
        guard let line else {
            self = standard
            return
        }
        guard let parity = Parity(rawValue: line.parity), (50...4_000_000).contains(line.baud),
            (7...8).contains(line.dataBits), (1...2).contains(line.stopBits)
        else { return nil }
        self.init(
            baud: line.baud,
            dataBits: line.dataBits,
            parity: parity,
            stopBits: line.stopBits,
            dtr: line.dtr,
            rts: line.rts
        )
    }
}
