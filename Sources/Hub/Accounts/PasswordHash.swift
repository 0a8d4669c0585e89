import Crypto
import CryptoExtras
import Foundation
import Shared

/// A password's scrypt hash with its salt and cost, as text: `scrypt$17$8$1$SALT$HASH`.
struct PasswordHash: Sendable, Equatable {
    /// What a hash costs: N = 2^`logRounds`, r and p.
    struct Cost: Sendable, Equatable {
        let logRounds: Int
        let blockSize: Int
        let parallelism: Int

        /// N = 2^17, r = 8, p = 1 (OWASP ASVS 5.0, appendix C): 128 MiB for each hash.
        static let standard = Cost(logRounds: 17, blockSize: 8, parallelism: 1)
    }

    let cost: Cost
    let salt: [UInt8]
    let hash: [UInt8]

    /// Hashes `password`: slow and hungry by design, for a thread of its own.
    init(of password: String, salt: [UInt8], cost: Cost) throws {
        precondition(salt.count >= 16, "a salt has at least 128 bits")
        self.cost = cost
        self.salt = salt
        hash = try Self.derive(password, salt, cost)
    }

    /// Reads the stored text; nil for any other text or a cost beyond reason.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let logRounds = Int(parts[1]),
            let blockSize = Int(parts[2]), let parallelism = Int(parts[3]),
            (4...20).contains(logRounds), (1...16).contains(blockSize),
            (1...4).contains(parallelism), let salt = Hexadecimal.decode(parts[4]),
            let hash = Hexadecimal.decode(parts[5]), salt.count >= 16, hash.count == 32
        else { return nil }
        cost = Cost(logRounds: logRounds, blockSize: blockSize, parallelism: parallelism)
        self.salt = salt
        self.hash = hash
    }

    /// The stored text.
    var text: String {
        [
            "scrypt", "\(cost.logRounds)", "\(cost.blockSize)", "\(cost.parallelism)",
            Hexadecimal.encode(salt), Hexadecimal.encode(hash),
        ].joined(separator: "$")
    }

    /// Whether `password` gives the same hash; compared in constant time.
    func matches(_ password: String) throws -> Bool {
        FormToken.equal(try Self.derive(password, salt, cost), hash)
    }

    private static func derive(_ password: String, _ salt: [UInt8], _ cost: Cost) throws -> [UInt8]
    {
        // The same password typed on two keyboards is the same text after normalising.
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.precomposedStringWithCompatibilityMapping.utf8),
            salt: salt,
            outputByteCount: 32,
            rounds: 1 << cost.logRounds,
            blockSize: cost.blockSize,
            parallelism: cost.parallelism,
            // Twice what the algorithm needs: 128 · N · r bytes.
            maxMemory: 256 * (1 << cost.logRounds) * cost.blockSize
        )
        return key.withUnsafeBytes { Array($0) }
    }
}
