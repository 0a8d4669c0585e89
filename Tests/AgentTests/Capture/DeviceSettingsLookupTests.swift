import Shared
import Sync
import Testing

@testable import Agent

@Suite struct DeviceSettingsLookupTests {
    private static let own = Identifier(derivedFrom: [Array("own".utf8)])
    private static let other = Identifier(derivedFrom: [Array("other".utf8)])

    /// A PC that is enrolled and has pulled these rows.
    private func with(
        _ rows: [(key: String, payload: String)],
        _ body: (AgentWorld, DeviceSettingsLookup) async throws -> Void
    ) async throws {
        let world = try AgentWorld()
        let folder = IdentityFolder(state: world.folder.path)
        try folder.store(
            AgentIdentity(
                agent: Self.own,
                site: Self.other,
                siteName: "Clinic",
                workstation: "Room 1",
                hub: "https://hub.clinic.example:8444",
                enrolledAt: AgentWorld.now,
                certificateExpiresAt: AgentWorld.now
            ),
            key: "",
            certificate: "",
            authority: ""
        )
        let changes = rows.enumerated().map { index, row in
            PullReply.Change(
                position: Int64(index + 1),
                key: row.key,
                kind: .put,
                rowVersion: 1,
                payload: row.payload
            )
        }
        try await PulledConfiguration(store: world.store).apply(
            PullReply(
                changes: changes,
                position: Int64(rows.count),
                more: false,
                hub: Identifier(derivedFrom: []),
                serverTime: Instant(milliseconds: 0)
            )
        )
        try await body(world, DeviceSettingsLookup(store: world.store, folder: folder))
    }

    private static func row(
        _ agent: Identifier,
        _ device: String = "source:l80",
        accepts: Bool = true
    ) throws -> (key: String, payload: String) {
        let settings = DeviceSettings(
            agent: agent,
            device: device,
            acceptsUnterminatedLines: accepts
        )
        return (
            "\(DeviceSettings.keyPrefix)\(agent)/\(device)",
            String(decoding: try JSON.encode(settings), as: UTF8.self)
        )
    }

    @Test func `a last line counts for this PC's own source alone`() async throws {
        try await with([try Self.row(Self.own)]) {
            (_: AgentWorld, lookup: DeviceSettingsLookup) async throws in
            #expect(try await lookup.acceptsUnterminatedLines(source: "l80"))
            #expect(try await !lookup.acceptsUnterminatedLines(source: "vx100"))
        }
        try await with([try Self.row(Self.other)]) {
            (_: AgentWorld, lookup: DeviceSettingsLookup) async throws in
            #expect(try await !lookup.acceptsUnterminatedLines(source: "l80"))
        }
    }

    @Test func `a row that says no, or nothing that is understood, changes nothing`() async throws {
        let rows = [
            try Self.row(Self.own, accepts: false), (key: "device/x", payload: "{"),
            (key: "site", payload: "{}"),
        ]
        try await with(rows) { (_: AgentWorld, lookup: DeviceSettingsLookup) async throws in
            #expect(try await !lookup.acceptsUnterminatedLines(source: "l80"))
        }
    }

    @Test func `a document is decoded by what was verified for its source`() async throws {
        try await with([try Self.row(Self.own)]) { world, lookup in
            let decoding = DocumentDecoding(
                store: world.store,
                outbox: world.outbox,
                workstation: "Room 1",
                sources: [],
                settings: lookup
            )
            let text = "[SPHERE]\r\nR_5=-1.25\r\n[CYLINDER]\r\nR_5=-0.50\r\n[AXIS]\r\nR_5=0.15708"
            let file = DeviceFile(
                path: "A#B/20 Nov 2026#10-03-27/WF/RightWF_Meas_1.txt",
                bytes: Array(text.utf8)
            )
            let document = try #require(try await world.capture(file))
            _ = try await decoding.decode(document, bytes: file.bytes)
            let reading = try #require(try await world.pendingReadings().first).reading
            #expect(reading.values.first { $0.quantity == .axis }?.value?.text == "9")
        }
    }
}
