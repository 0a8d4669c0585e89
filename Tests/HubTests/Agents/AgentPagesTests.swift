import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct AgentPagesTests {
    private func id(_ name: String) -> Identifier { Identifier(derivedFrom: [Array(name.utf8)]) }

    /// Two PCs, one of them with two epochs, a hole and a copy that asks.
    private func seed(_ rig: PeopleRig) async throws {
        let (site, now) = (try await rig.site(), rig.clock.wall.now())
        for name in ["Room 1", "Room <2>"] {
            let key = Array(Digest256(of: Array(name.utf8)).bytes)
            try await rig.database.execute(
                """
                INSERT INTO agent (id, site_id, workstation, key_digest, certificate_serial,
                    certificate_expires_at, enrolled_at, last_seen_at, speaker)
                VALUES (\(id(name)), \(site), \(name), \(key), '1',
                    \(now.advanced(by: .seconds(80 * 86400))), \(now), \(now), '{}')
                """
            )
        }
        let agent = id("Room 1")
        try await rig.database.execute(
            """
            INSERT INTO agent_epoch (agent_id, epoch, reason)
            VALUES (\(agent), 1, 'enrolled'), (\(agent), 2, 'hole')
            """
        )
        try await rig.database.execute(
            """
            INSERT INTO agent_hole VALUES (\(agent), 1, 4, 6, \(now)), (\(agent), 1, 9, 9, \(now))
            """
        )
        try await rig.database.execute(
            """
            INSERT INTO agent_claim (id, key_digest, agent_id, installation, workstation, software,
                pending, asked_at, last_asked_at)
            VALUES (\(id("claim")), \(Digest256(of: [1]).bytes), \(agent), '{}', 'Room 1', '1', 3,
                \(now), \(now))
            """
        )
    }

    private func recover(_ rig: PeopleRig) async throws {
        try await rig.database.withTransaction { connection in
            let log = RecoveryLog(connection: connection, clock: rig.clock.wall)
            try await log.begin(
                .witness,
                fence: nil,
                expected: [
                    id("Room <2>"): Witness.Mark(epoch: 1, applied: 40, chain: Chain.start)
                ]
            )
            try await log.heard(id("Room 1"), recovered: 12, isComplete: true)
        }
    }

    @Test func `IT sees who has sent again what was lost, and what nobody has`() async throws {
        try await PeopleRig.with { rig in
            try await seed(rig)
            try await recover(rig)
            try await rig.test { browser in
                let page = (try await rig.signIn(browser, role: .it).get("/agents")).text
                #expect(page.contains("1 of 2 PCs complete"))
                #expect(page.contains("Not heard yet"))
                #expect(page.contains("40 of epoch 1"))
                #expect(page.contains("operations 4 to 6 of epoch 1"))
                #expect(page.contains("operation 9 of epoch 1"))
                #expect(page.contains("A copy of Room 1"))
                #expect(page.contains("Room &lt;2&gt;"))
            }
        }
    }

    @Test func `one click makes a copy a PC of its own, and it is recorded`() async throws {
        try await PeopleRig.with { rig in
            try await seed(rig)
            try await rig.test { browser in
                let it = try await rig.signIn(browser, role: .it)
                let answer = try await it.post(
                    "/agents/copies/\(id("claim"))",
                    ["token": it.formToken, "decision": "approved", "workstation": "Room 3"]
                )
                #expect(answer.status == .seeOther)
                let rows = try await rig.database.query(
                    """
                    SELECT count(*) AS n FROM agent_claim WHERE decision = 'approved'
                        AND workstation = 'Room 3' AND decided_by IS NOT NULL
                    """
                )
                #expect(try rows.first?.decode("n", as: Int.self) == 1)
                let audit = try await rig.database.query(
                    """
                    SELECT count(*) AS n FROM audit_record
                    WHERE action = 'POST /agents/copies/{id}'
                    """
                )
                #expect(try audit.first?.decode("n", as: Int.self) == 1)
                // Somebody else has decided already.
                let late = try await it.post(
                    "/agents/copies/\(id("claim"))",
                    ["token": it.formToken, "decision": "rejected"]
                )
                #expect(late.status == .notFound)
            }
        }
    }

    @Test func `the same PC in another machine speaks for itself again`() async throws {
        try await PeopleRig.with { rig in
            try await seed(rig)
            try await rig.test { browser in
                let it = try await rig.signIn(browser, role: .it)
                _ = try await it.post(
                    "/agents/copies/\(id("claim"))",
                    ["token": it.formToken, "decision": "samePC"]
                )
                let rows = try await rig.database.query(
                    "SELECT count(*) AS n FROM agent WHERE speaker IS NULL"
                )
                #expect(try rows.first?.decode("n", as: Int.self) == 1)
            }
        }
    }

    @Test func `an agent's page says why its numbers began again, and revokes it`() async throws {
        try await PeopleRig.with { rig in
            try await seed(rig)
            try await rig.test { browser in
                let it = try await rig.signIn(browser, role: .it)
                let page = (try await it.get("/agents/\(id("Room 1"))")).text
                #expect(page.contains("part of what it lost is on that PC no more"))
                #expect(page.contains("Revoke this PC"))
                _ = try await it.post("/agents/\(id("Room 1"))/revoke", ["token": it.formToken])
                let after = (try await it.get("/agents/\(id("Room 1"))")).text
                #expect(after.contains("Revoked"))
                #expect(!after.contains("Revoke this PC"))
            }
        }
    }

    @Test func `a clinician looks and decides nothing`() async throws {
        try await PeopleRig.with { rig in
            try await seed(rig)
            try await rig.test { browser in
                let clinician = try await rig.signIn(browser, role: .clinician)
                let page = (try await clinician.get("/agents")).text
                #expect(page.contains("A copy of Room 1"))
                #expect(!page.contains("Approve as a new PC"))
                let answer = try await clinician.post(
                    "/agents/copies/\(id("claim"))",
                    ["token": clinician.formToken, "decision": "approved"]
                )
                #expect(answer.status == .forbidden)
            }
        }
    }
}
