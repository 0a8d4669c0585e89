extension PostgresConnection {
    /// Runs `body` in a transaction: committed when it returns, undone when it throws.
    ///
    /// A task that is cancelled before the commit undoes it too. The commit itself is not
    /// interrupted.
    ///
    /// Errors: what `body` throws; `transactionAborted` where the server undid it although `body`
    /// returned; `connectionLost` at the commit, when it is unknown whether it took effect.
    package nonisolated func withTransaction<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        guard !Task.isCancelled else { throw PostgresError(.cancelled) }
        await begin()
        let value: Value
        do {
            value = try await body(self)
            if Task.isCancelled { throw PostgresError(.cancelled) }
        } catch {
            // Where undoing fails too, the connection is not lent again.
            _ = try? await end("ROLLBACK")
            throw error
        }
        guard try await end("COMMIT") == "COMMIT" else {
            throw PostgresError(.transactionAborted)
        }
        return value
    }
}
