import Postgres
import Shared
import Sync

/// What the pages show of the agents of a site beside their state, and what people decide there.
struct AgentOverviewStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// An epoch of an agent.
    struct Epoch: Sendable {
        let number: Int
        let reason: EpochReason
        let openedAt: Instant
    }

    /// Operations that nobody has any more.
    struct Hole: Sendable {
        let agent: Identifier
        let workstation: String
        let span: SequenceSpan
        let toldAt: Instant
    }

    /// A copy that asks to be a PC of its own.
    struct Claim: Sendable {
        let id: Identifier
        /// The PC that it is a copy of.
        let original: String
        let workstation: String
        let pending: Int64
        let askedAt: Instant
        let lastAskedAt: Instant
        let isRejected: Bool
    }

    /// How an agent stands in the last recovery.
    struct Return: Sendable {
        let workstation: String
        let isHeard: Bool
        let isComplete: Bool
        let recovered: Int64
        /// How far the witness says that the Hub was; nil where it says nothing.
        let expected: SequenceSpan?
        let retainedSince: Instant?
    }

    /// The last recovery of a site.
    struct Progress: Sendable {
        let startedAt: Instant
        let cause: RecoveryLog.Cause
        let agents: [Return]

        /// The same for the rule.
        var recovery: Recovery {
            Recovery(
                startedAt: startedAt,
                agents: agents.map {
                    Recovery.Participant(isHeard: $0.isHeard, isComplete: $0.isComplete)
                }
            )
        }
    }

    /// The epochs of an agent, the newest first.
    func epochs(of agent: Identifier) async throws -> [Epoch] {
        let rows = try await database.query(
            """
            SELECT epoch, reason, opened_at FROM agent_epoch WHERE agent_id = \(agent)
            ORDER BY epoch DESC LIMIT 50
            """
        )
        return try rows.map { row in
            Epoch(
                number: try row.decode("epoch"),
                reason: EpochReason(rawValue: try row.decode("reason")) ?? .manual,
                openedAt: try row.decode("opened_at")
            )
        }
    }

    /// The holes of a site's agents, the newest first.
    func holes(of site: Identifier) async throws -> [Hole] {
        let rows = try await database.query(
            """
            SELECT agent.id, workstation, agent_hole.epoch, first, last, told_at
            FROM agent_hole JOIN agent ON agent.id = agent_id
            WHERE site_id = \(site)
            ORDER BY told_at DESC, workstation, agent_hole.epoch, first LIMIT 200
            """
        )
        return try rows.map { row in
            Hole(
                agent: try row.decode("id"),
                workstation: try row.decode("workstation"),
                span: SequenceSpan(
                    epoch: try row.decode("epoch"),
                    first: try row.decode("first"),
                    last: try row.decode("last")
                ),
                toldAt: try row.decode("told_at")
            )
        }
    }

    /// The copies of a site's agents that nobody has admitted.
    func claims(of site: Identifier) async throws -> [Claim] {
        let rows = try await database.query(
            """
            SELECT claim.id, agent.workstation AS original, claim.workstation, claim.pending,
                asked_at, last_asked_at, decision = 'rejected' AS rejected
            FROM agent_claim AS claim JOIN agent ON agent.id = claim.agent_id
            WHERE agent.site_id = \(site) AND decision IN ('waiting', 'rejected')
            ORDER BY decision DESC, asked_at LIMIT 50
            """
        )
        return try rows.map { row in
            Claim(
                id: try row.decode("id"),
                original: try row.decode("original"),
                workstation: try row.decode("workstation"),
                pending: try row.decode("pending"),
                askedAt: try row.decode("asked_at"),
                lastAskedAt: try row.decode("last_asked_at"),
                isRejected: try row.decode("rejected")
            )
        }
    }

    /// The last recovery; nil where there was none.
    func progress(of site: Identifier) async throws -> Progress? {
        let rows = try await database.query(
            """
            SELECT started_at, cause, workstation, heard_at IS NOT NULL AS heard,
                completed_at IS NOT NULL AS complete, recovered, expected_epoch, expected_applied,
                retained_since
            FROM recovery JOIN recovery_agent ON recovery = number
                JOIN agent ON agent.id = agent_id
            WHERE number = (SELECT max(number) FROM recovery) AND site_id = \(site)
                AND agent.state = 'active'
            ORDER BY completed_at IS NOT NULL, lower(workstation)
            """
        )
        guard let first = rows.first else { return nil }
        return Progress(
            startedAt: try first.decode("started_at"),
            cause: RecoveryLog.Cause(rawValue: try first.decode("cause")) ?? .agent,
            agents: try rows.map { row in
                let epoch = try row.decode("expected_epoch", as: Int?.self)
                let applied = try row.decode("expected_applied", as: Int64?.self)
                return Return(
                    workstation: try row.decode("workstation"),
                    isHeard: try row.decode("heard"),
                    isComplete: try row.decode("complete"),
                    recovered: try row.decode("recovered"),
                    expected: epoch.map {
                        SequenceSpan(epoch: $0, first: 1, last: applied ?? 0)
                    },
                    retainedSince: try row.decode("retained_since")
                )
            }
        )
    }

    /// Decides about a copy; false where nobody asks under this number at the site any more.
    ///
    /// The same PC in another body speaks for its agent from its next session on.
    func decide(
        _ claim: Identifier,
        _ decision: ClaimReply.Decision,
        workstation: String?,
        site: Identifier,
        by account: Identifier
    ) async throws -> Bool {
        let now = clock.now()
        return try await database.withTransaction { connection in
            let rows = try await connection.query(
                """
                UPDATE agent_claim SET decision = \(decision.rawValue), decided_at = \(now),
                    decided_by = \(account),
                    workstation = coalesce(\(workstation), agent_claim.workstation)
                FROM agent
                WHERE agent_claim.id = \(claim) AND agent.id = agent_claim.agent_id
                    AND agent.site_id = \(site) AND decision IN ('waiting', 'rejected')
                RETURNING agent.id AS agent
                """
            )
            guard let row = rows.first else { return false }
            if decision == .samePC {
                let agent: Identifier = try row.decode("agent")
                try await connection.execute(
                    "UPDATE agent SET speaker = NULL WHERE id = \(agent)"
                )
            }
            return true
        }
    }
}
