import Crypto
import Foundation
import Glibc
package import Postgres
import Shared

/// The secret that a Hub signs scopes with, so that no statement can write one.
///
/// `STATE/keys/scope.key`, made at the first start. It opens nothing and may be lost: the next start
/// makes another. The database keeps its half where only the owner of the tables can read it.
package struct ScopeKey: Sendable {
    private let bytes: [UInt8]
    /// What names it in a scope.
    package let id: String

    private static let fileName = "scope.key"
    private static let block = 64

    /// Takes 32 bytes.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
        id = Hexadecimal.encode(Array(SHA256.hash(data: bytes)).prefix(8))
    }

    /// The key of the state folder, made where there is none.
    ///
    /// Errors: `SealingKeyFile.Failure`.
    package static func ofState(_ state: String) throws -> ScopeKey {
        let folder = state + "/keys"
        if let key = try read(folder) { return key }
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let made = try? SealingKeyFile.create(fileName, in: folder)
        if let made { return ScopeKey(bytes: made) }
        // A command that was started at the same moment has made it; else reading says why not.
        return ScopeKey(bytes: try SealingKeyFile.read("\(folder)/\(fileName)"))
    }

    private static func read(_ folder: String) throws -> ScopeKey? {
        do {
            return ScopeKey(bytes: try SealingKeyFile.read("\(folder)/\(fileName)"))
        } catch SealingKeyFile.Failure.missing {
            return nil
        }
    }

    /// The scope as the database takes it; empty for none.
    package func text(of scope: Scope?) -> String {
        guard let scope else { return "" }
        let sites =
            switch scope.sites {
            case .every: "*"
            case .some(let sites): sites.map(\.description).sorted().joined(separator: ",")
            }
        let rights = scope.rights.map(\.rawValue).sorted().joined(separator: ",")
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("clinic-scope-v1/\(sites)/\(rights)".utf8),
            using: SymmetricKey(data: bytes)
        )
        return "\(sites)/\(rights)/\(id)/\(Hexadecimal.encode(Array(code)))"
    }

    /// What the transactions of a serving client are told: the scope of the task.
    package var setting: TransactionSetting {
        TransactionSetting(name: "clinic.scope") { text(of: Scope.current) }
    }

    /// Gives the database its half; `connection` is the owner's.
    package func register(_ connection: PostgresConnection) async throws {
        let key = bytes + [UInt8](repeating: 0, count: Self.block - bytes.count)
        try await connection.execute(
            """
            INSERT INTO scope_key (id, inner_pad, outer_pad)
            VALUES (\(id), \(key.map { $0 ^ 0x36 }), \(key.map { $0 ^ 0x5c }))
            ON CONFLICT DO NOTHING
            """
        )
    }
}
