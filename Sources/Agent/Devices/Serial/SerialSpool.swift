import DeviceFormats
import Foundation
import GRDB
import Shared

/// Keeps what came over a serial port before anything is made of it, so that a process that is
/// killed in mid-transfer loses nothing that it received.
///
/// One session is one opening of one port. Its chunks go when all of them are in documents.
struct SerialSpool: Sendable {
    let store: AgentStore

    /// What is needed to go through a session again, with the same documents.
    struct Session: Equatable, Sendable {
        let id: Identifier
        let source: String
        let protocolName: String
        let line: SerialLine
        /// The Agent's clock at the moment zero.
        let beganAt: Instant
    }

    /// Bytes as they came.
    struct Chunk: Equatable, Sendable {
        let number: Int64
        /// Since the session began.
        let moment: Duration
        let bytes: [UInt8]
    }

    /// Errors: `StoreError`, `SealingError`.
    func append(_ chunk: Chunk, to session: Session) async throws {
        let sealed = try store.sealer.seal(chunk.bytes, at: .chunk(chunk.number, of: session.id))
        let line = String(decoding: try JSON.encode(Line(session.line)), as: UTF8.self)
        try await store.write { database in
            try database.cachedStatement(
                sql: """
                    INSERT INTO serial_session (id, source, protocol, line, began_at)
                    VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                    """
            ).execute(arguments: [
                session.id, session.source, session.protocolName, line, session.beganAt,
            ])
            try database.cachedStatement(
                sql: """
                    INSERT INTO serial_chunk (session, number, moment, sealed_bytes)
                    VALUES (?, ?, ?, ?)
                    """
            ).execute(arguments: [
                session.id, chunk.number, chunk.moment.wholeMilliseconds, Data(sealed),
            ])
        }
    }

    /// Forgets the chunks up to `number`: they are in documents.
    func forget(_ session: Identifier, through number: Int64) async throws {
        try await store.write { database in
            try database.cachedStatement(
                sql: "DELETE FROM serial_chunk WHERE session = ? AND number <= ?"
            ).execute(arguments: [session, number])
        }
    }

    /// Forgets a session with all that is left of it.
    func forget(_ session: Identifier) async throws {
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM serial_chunk WHERE session = ?",
                arguments: [session]
            )
            try database.execute(
                sql: "DELETE FROM serial_session WHERE id = ?",
                arguments: [session]
            )
        }
    }

    /// The sessions that an earlier process has left behind, the oldest first.
    func leftovers() async throws -> [Session] {
        try await store.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM serial_session ORDER BY id")
                .compactMap { row in
                    guard
                        let line = try? JSON.decode(
                            Line.self,
                            from: Array((row["line"] as String).utf8)
                        )
                    else { return nil }
                    return Session(
                        id: row["id"],
                        source: row["source"],
                        protocolName: row["protocol"],
                        line: line.settings,
                        beganAt: row["began_at"]
                    )
                }
        }
    }

    /// What is left of a session, in its order.
    func chunks(of session: Identifier) async throws -> [Chunk] {
        let sealer = store.sealer
        return try await store.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT number, moment, sealed_bytes FROM serial_chunk
                    WHERE session = ? ORDER BY number
                    """,
                arguments: [session]
            ).map { row in
                let number: Int64 = row["number"]
                return Chunk(
                    number: number,
                    moment: .milliseconds(row["moment"] as Int64),
                    bytes: try sealer.open(
                        row["sealed_bytes"] as Data,
                        at: .chunk(number, of: session)
                    )
                )
            }
        }
    }

    /// The line's settings as the table has them.
    private struct Line: Codable {
        var baud: Int
        var dataBits: Int
        var parity: String
        var stopBits: Int
        var dtr: Bool
        var rts: Bool

        init(_ line: SerialLine) {
            baud = line.baud
            dataBits = line.dataBits
            parity = line.parity.rawValue
            stopBits = line.stopBits
            dtr = line.dtr
            rts = line.rts
        }

        var settings: SerialLine {
            SerialLine(
                baud: baud,
                dataBits: dataBits,
                parity: SerialLine.Parity(rawValue: parity) ?? .none,
                stopBits: stopBits,
                dtr: dtr,
                rts: rts
            )
        }
    }
}

extension Sealer.Place {
    fileprivate static func chunk(_ number: Int64, of session: Identifier) -> Self {
        let order = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        return Self("serial_chunk", "sealed_bytes", row: session.bytes + order)
    }
}
