import Foundation
import GRDB
import Gzip
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `A support bundle` {
    /// Invented, and planted wherever a store, a folder or a journal may hold it.
    private static let planted = [
        "Quixotesdottir", "Zephyrine", "86420975", "85.03.14-123.45", "1985-03-14", "-7.53",
        "zephyrine@example.org",
    ]

    private func world() async throws -> AgentWorld {
        let world = try AgentWorld()
        let (family, given) = ("Quixotesdottir", "Zephyrine")
        try await world.take(
            .wavefront(.right, family: family, given: given, sphere: "-7.53")
        )
        try await world.take(.prescription(number: "86420975"), source: "phoropter")
        try await world.take(
            DeviceFile(path: "\(family) \(given) 86420975.xml", bytes: Array("<".utf8))
        )
        let fact = DeviceFact(
            key: "media:\(family)",
            attachment: .media,
            state: .ready,
            since: AgentWorld.now,
            adapter: DeviceFact.Adapter(label: "\(given) 86420975")
        )
        let payload = try JSON.encode(fact)
        try await world.store.write { [outbox = world.outbox, clock = world.store.clock] database in
            let operation = NewOperation(
                id: clock.identifier(),
                kind: DeviceFact.kind,
                version: 1,
                payload: payload
            )
            try outbox.append([operation], in: database)
            // Where only a defect or a stranger would put it.
            try database.execute(
                sql: """
                    UPDATE document SET failure_code = ?, failure_detail = ?, failure_at = ?,
                        format = ?, source = ? WHERE state = 'quarantined'
                    """,
                arguments: [
                    family, "\(given) \(family)", "86420975", given + " x", "l80 " + family,
                ]
            )
            try database.execute(
                sql: "INSERT INTO sync_state VALUES (?, ?)",
                arguments: ["device.\(family)", Data(payload)]
            )
            try database.execute(
                sql: """
                    INSERT INTO command VALUES (?, ?, ?, 1, 1, 1, 1, 1, 1, 'received', ?, 0, NULL,
                        ?, NULL)
                    """,
                arguments: [clock.identifier(), family, given + " x", family + " x", Data(payload)]
            )
            try database.execute(
                sql: "INSERT INTO serial_session VALUES (?, ?, ?, ?, 1)",
                arguments: [clock.identifier(), family, "l70 " + family, family]
            )
        }
        for name in ["\(family).txt", "identity/\(given).pem", "agent.db.\(family)"] {
            try world.folder.write(Array("86420975 \(family)".utf8), to: name)
        }
        return world
    }

    private func bundle(_ world: AgentWorld) throws -> SupportBundle {
        var configuration = AgentConfiguration.sample
        configuration.stateDirectory = world.folder.path
        configuration.sources = AgentWorld.sources
        var status = StatusReport(
            version: "1",
            workstation: "Room 1",
            startedAt: AgentWorld.now,
            sources: [],
            pending: [:],
            quarantined: 1,
            deliveries: 0,
            databaseBytes: 1,
            freeBytes: 1,
            isFull: false,
            sync: SyncStatus()
        )
        status.devices = [
            DeviceState(
                key: "media:0123",
                attachment: .media,
                state: .ready,
                since: AgentWorld.now,
                adapter: DeviceFact.Adapter(
                    label: "Quixotesdottir",
                    mountPath: "/run/clinic-media/Zephyrine"
                ),
                node: "/run/clinic-media/Zephyrine"
            )
        ]
        return SupportBundle(
            configuration: configuration,
            status: status,
            doctor: DoctorReport(findings: [DoctorFinding("disk", .ok, "A sync took 1 ms.")]),
            journal: [
                "2026-11-20T10:14:37+0100 clinic-agent[412]: Took a document document=0123456789ab",
                "2026-11-20T10:14:38+0100 clinic-agent[412]: cannot open \"Quixotesdottir.xml\"",
                "2026-11-20T10:14:38+0100 clinic-agent[412]: at /nowhere/Quixotesdottir#Zephyrine/a",
                "2026-11-20T10:14:39+0100 clinic-agent[412]: number 86420975 born 1985-03-14",
                "2026-11-20T10:14:39+0100 clinic-agent[412]: file='Zephyrine' id=85.03.14-123.45",
                "2026-11-20T10:14:39+0100 clinic-agent[412]: mail zephyrine@example.org sphere 1",
            ],
            now: AgentWorld.now
        )
    }

    @Test func `holds nothing of any patient, wherever it was planted`() async throws {
        let world = try await world()
        let archive = try bundle(world).archive()
        let text = String(
            decoding: try Gzip.decompress(archive, limit: 8 * 1024 * 1024),
            as: UTF8.self
        )
        #expect(text.count > 4000)
        for word in Self.planted {
            #expect(!text.lowercased().contains(word.lowercased()), "\(word)")
            let hidden = Data(word.utf8).base64EncodedString().trimmingCharacters(in: ["="])
            #expect(!text.contains(hidden.dropLast(2)), "\(word) in base64")
            #expect(!text.contains(Hexadecimal.encode(Array(word.utf8))), "\(word) in digits")
        }
        // And what it is for is there.
        for word in [
            "document=0123456789ab", "operation 1 reading pending", "quick_check", "agent.db",
            "A sync took 1 ms.", "quotaMegabytes", "SQLite 3.", "Room 1",
        ] { #expect(text.contains(word), "\(word)") }
    }

    @Test func `is an archive that tar reads`() async throws {
        let world = try await world()
        let path = world.folder.path + "/bundle.tar.gz"
        try Data(try bundle(world).archive()).write(to: URL(fileURLWithPath: path))
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["tar", "--list", "--gzip", "--file", path]
        process.standardOutput = output
        try process.run()
        let listed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let names = String(decoding: listed, as: UTF8.self).split(separator: "\n")
        #expect(names == SupportBundle.contents.map { "clinic-agent/\($0.name)" })
    }

    @Test func `tells of a store that cannot be read, and of none`() throws {
        let folder = try TemporaryFolder()
        #expect(StoreStatistics(folder: folder.path).failure == "There is no store.")
        try folder.write(Array("words".utf8), to: "agent.db")
        let broken = StoreStatistics(folder: folder.path)
        #expect(broken.failure != nil)
        #expect(broken.files["agent.db"] == 5)
    }

    @Test(arguments: [
        ("a \"b c\" d", "a \"[…]\" d"),
        ("name=“Zoë", "name=“[…]”"),
        ("seen 12345 123456 12-34-56", "seen 12345 […] […]"),
        ("at 2026-11-20T09:14:37Z id=0193a5c2", "at 2026-11-20T09:14:37Z id=0193a5c2"),
        ("path=/srv/l80/x /srv/l80", "path=[…] /srv/l80"),
        ("\\\\server\\share x@y", "[…] […]"),
        ("", ""),
    ])
    func `takes out of a line what could be somebody's`(_ line: String, _ expected: String) {
        #expect(Redaction.line(line, keepingWhole: ["/srv/l80"]) == expected)
    }
}
