import Agent
import ClinicRig
import Foundation
import Postgres
import Shared
import Sync

/// An agent without a disk: a real certificate, a real connection, the real wire format.
struct SyntheticAgent: Sendable {
    let identity: AgentIdentity
    let client: HubClient

    /// Enrols so many with a rig's Hub; each is a PC of its own there.
    ///
    /// The invitations are put into the database: a person would be at it for hours.
    static func enrol(_ count: Int, _ rig: ClinicRig) async throws -> [SyntheticAgent] {
        let made = try RunningProcess.run(
            "clinic-hub",
            [
                "agent", "invite", "--state", rig.hubState, "--embedded-postgres",
                "--workstation", "Bench",
            ]
        )
        let words = made.output.split(whereSeparator: \.isWhitespace)
        guard let code = words.lazy.compactMap({ InvitationCode(String($0)) }).first else {
            throw RigError("no code in: \(made.errors)")
        }
        var random = SystemRandomNumberGenerator()
        let codes = (0..<count).map { _ in
            InvitationCode(
                secret: (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) },
                fingerprint: code.fingerprint
            )
        }
        let digests = codes.map { InvitationCode.digest(ofSecret: $0.secret) }
        _ = try await rig.withDatabase { connection in
            try await connection.execute(
                """
                INSERT INTO invitation (code_digest, site_id, workstation, expires_at)
                SELECT digest, site.id, 'Bench ' || number, now() + interval '1 hour'
                FROM unnest(\(digests)::bytea[]) WITH ORDINALITY AS new (digest, number), site
                """
            )
        }
        var agents: [SyntheticAgent] = []
        for (number, code) in codes.enumerated() {
            agents.append(try await enrol(code, number, rig))
        }
        return agents
    }

    private static func enrol(
        _ code: InvitationCode,
        _ number: Int,
        _ rig: ClinicRig
    ) async throws -> SyntheticAgent {
        _ = try await Enrolment(folder: folder(number, rig), software: "bench").enrol(
            code: code.text,
            hub: "https://127.0.0.1:\(rig.agentsPort)",
            replace: false
        )
        return try load(number, rig)
    }

    private static func folder(_ number: Int, _ rig: ClinicRig) -> IdentityFolder {
        IdentityFolder(state: "\(rig.folder)/synthetic/\(number)")
    }

    /// One that was enrolled, with a client of its own.
    static func load(_ number: Int, _ rig: ClinicRig) throws -> SyntheticAgent {
        let folder = folder(number, rig)
        guard let identity = try folder.load() else {
            throw RigError("agent \(number) is not enrolled")
        }
        let tls = try HubClient.tls(
            authority: try folder.text(folder.authorityPath),
            certificate: try folder.text(folder.certificatePath),
            key: try folder.text(folder.keyPath)
        )
        return SyntheticAgent(
            identity: identity,
            client: HubClient(address: identity.hub, tls: tls)
        )
    }

    /// Opens a session as one whose log the Hub has no part of.
    func open(_ condition: AgentCondition) async throws -> SessionReply {
        try await client.call(
            SyncPaths.session,
            body: SessionRequest(
                epoch: 1,
                head: 0,
                acknowledged: 0,
                acknowledgedChain: Chain.start,
                nonce: nil,
                workstation: identity.workstation,
                condition: condition
            ),
            reply: SessionReply.self
        )
    }
}
