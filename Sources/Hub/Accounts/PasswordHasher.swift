import Foundation
import Shared

/// Hashes passwords on threads of its own, a few at a time.
///
/// A hash takes 128 MiB and a third of a second on purpose. A hundred people (or one attacker)
/// signing in at once wait their turn; beyond the line's length they are told to come back.
package final class PasswordHasher: Sendable {
    private let queue = OperationQueue()
    private let cost: PasswordHash.Cost
    private let waitingLimit: Int

    /// What an address without an account is compared with, so that it costs the same.
    private let decoy: PasswordHash

    /// Limits: `concurrent` hashes at a time, `waiting` in line.
    init(cost: PasswordHash.Cost = .standard, concurrent: Int = 2, waiting: Int = 64) {
        self.cost = cost
        waitingLimit = waiting
        queue.maxConcurrentOperationCount = concurrent
        queue.name = "password-hashing"
        let salt = [UInt8](repeating: 0, count: 16)
        let cheapest = "scrypt$\(cost.logRounds)$\(cost.blockSize)$\(cost.parallelism)"
        let text = "\(cheapest)$\(Hexadecimal.encode(salt))$\(Hexadecimal.encode(salt + salt))"
        guard let decoy = PasswordHash(text) else {
            preconditionFailure("the decoy has the form of a hash")
        }
        self.decoy = decoy
    }

    /// The hasher of a Hub that serves.
    package static func standard() -> PasswordHasher { PasswordHasher() }

    /// A new hash with a new salt.
    ///
    /// Throws `PageError.busy` where too many wait.
    func hash(_ password: String) async throws -> PasswordHash {
        var random = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let cost = cost
        return try await perform { try PasswordHash(of: password, salt: salt, cost: cost) }
    }

    /// Whether `password` is the one of `stored`; false, after the same work, where that is nil.
    ///
    /// Throws `PageError.busy` where too many wait.
    func matches(_ password: String, _ stored: PasswordHash?) async throws -> Bool {
        let compared = stored ?? decoy
        let isRight = try await perform { try compared.matches(password) }
        return isRight && stored != nil
    }

    private func perform<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        guard queue.operationCount < waitingLimit else { throw PageError.busy }
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try work() }) }
        }
    }
}
