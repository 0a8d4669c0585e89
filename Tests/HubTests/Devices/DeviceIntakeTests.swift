import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct DeviceIntakeTests {
    private func open(_ rig: IntakeRig, _ agent: EnrolledAgent) async throws -> AgentLogModel {
        var log = AgentLogModel()
        log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
        return log
    }

    private static func fact(
        _ state: DeviceFact.State,
        key: String = "usb:0403:6001:A10"
    ) -> DeviceFact {
        DeviceFact(
            key: key,
            attachment: .serial,
            state: state,
            since: Instant(milliseconds: 1_763_629_200_000),
            adapter: DeviceFact.Adapter(vendor: "0403", product: "6001", serial: "A10"),
            driver: "l70",
            source: "l70"
        )
    }

    private func states(_ rig: IntakeRig) async throws -> [String] {
        try await rig.database.query("SELECT state FROM device ORDER BY key").map {
            try $0.decode("state")
        }
    }

    @Test func `the newest fact of a device is shown, and the others are its history`()
        async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            for state in [DeviceFact.State.starting, .ready, .detached] {
                log.append(kind: DeviceFact.kind, payload: try JSON.encode(Self.fact(state)))
            }
            log.append(
                kind: DeviceFact.kind,
                payload: try JSON.encode(Self.fact(.ready, key: "source:l80"))
            )
            let reply = try await rig.intake.take(log.push(), from: agent)
            #expect(reply.verdicts.map(\.outcome) == [.applied, .applied, .applied, .applied])
            #expect(try await states(rig) == ["ready", "detached"])
            #expect(try await rig.count("device_event") == 4)
        }
    }

    @Test func `a fact that is replayed late does not overwrite a newer one`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            func store(_ state: DeviceFact.State, epoch: Int, sequence: Int64) async throws {
                try await rig.database.withTransaction { connection in
                    try await DeviceProjection(connection: connection, agent: agent, epoch: epoch)
                        .store([.init(fact: Self.fact(state), sequence: sequence)])
                }
            }
            try await store(.ready, epoch: 1, sequence: 9)
            try await store(.failing, epoch: 1, sequence: 8)
            #expect(try await states(rig) == ["ready"])
            // A new epoch counts from 1 again.
            try await store(.detached, epoch: 2, sequence: 1)
            #expect(try await states(rig) == ["detached"])
            #expect(try await rig.count("device_event") == 3)
        }
    }

    @Test(arguments: [
        (
            #"{"key":"source:a","attachment":"carrierPigeon","state":"ready","since":"2026-11-20T09:00:00Z","adapter":{},"accepts":[]}"#,
            "payloadMalformed"
        ),
        (
            #"{"key":"source:a","attachment":"folder","state":"asleep","since":"2026-11-20T09:00:00Z","adapter":{},"accepts":[]}"#,
            "payloadMalformed"
        ),
        (
            #"{"key":"source:a","attachment":"folder","state":"ready","since":"yesterday","adapter":{},"accepts":[]}"#,
            "payloadMalformed"
        ),
        (
            #"{"key":"","attachment":"folder","state":"ready","since":"2026-11-20T09:00:00Z","adapter":{},"accepts":[]}"#,
            "payloadOutOfRange"
        ),
        (
            #"{"key":"source:\u0000","attachment":"folder","state":"ready","since":"2026-11-20T09:00:00Z","adapter":{},"accepts":[]}"#,
            "unstorable"
        ),
        ("[[", "payloadMalformed"),
    ])
    func `a fact that makes no sense waits for a person and stops nothing`(
        payload: String,
        code: String
    ) async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            log.append(kind: DeviceFact.kind, payload: Array(payload.utf8))
            log.append(kind: DeviceFact.kind, payload: try JSON.encode(Self.fact(.ready)))
            let reply = try await rig.intake.take(log.push(), from: agent)
            #expect(reply.verdicts.map(\.outcome) == [.quarantined, .applied])
            #expect(reply.verdicts[0].code == code)
            #expect(try await states(rig) == ["ready"])
        }
    }

    @Test func `texts longer than any system writes are not taken`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            var long = Self.fact(.ready)
            long.adapter.title = String(repeating: "x", count: 1025)
            var many = Self.fact(.ready)
            many.accepts = (0..<17).map { "kind\($0)" }
            var key = Self.fact(.ready)
            key.key = String(repeating: "k", count: 513)
            for fact in [long, many, key] {
                log.append(kind: DeviceFact.kind, payload: try JSON.encode(fact))
            }
            let reply = try await rig.intake.take(log.push(), from: agent)
            #expect(reply.verdicts.allSatisfy { $0.code == "payloadOutOfRange" })
            #expect(try await rig.count("device") == 0)
        }
    }

    @Test func `an adapter that comes and goes by the second keeps its newest facts`()
        async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            try await rig.database.withTransaction { connection in
                let projection = DeviceProjection(connection: connection, agent: agent, epoch: 1)
                for batch in 0..<3 {
                    let items = (1...100).map { number in
                        DeviceProjection.Item(
                            fact: Self.fact(number % 2 == 0 ? .detached : .ready),
                            sequence: Int64(batch * 100 + number)
                        )
                    }
                    try await projection.store(items)
                }
            }
            #expect(try await rig.count("device_event") == DeviceProjection.eventsKept)
            #expect(try await rig.count("device_event WHERE sequence <= 100") == 0)
        }
    }
}
