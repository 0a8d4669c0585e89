import CPostgres

extension ConnectionHandle {
    /// One statement of several that are sent together.
    struct Step {
        let sql: String
        let values: [PostgresValue]
        /// What it was prepared under; nil where it was not.
        let name: String?

        init(_ query: PostgresQuery) {
            self.init(query, sql: query.sql, name: nil)
        }

        init(_ query: PostgresQuery, sql: String, name: String?) {
            self.sql = sql
            values = query.values
            self.name = name
        }
    }

    /// Runs statements in one message and answers with the last one's result.
    ///
    /// Where none of them opens a transaction, all of them are one: the first error undoes what ran
    /// and skips the rest.
    func run(_ steps: [Step]) throws(PostgresError) -> ResultHandle {
        guard PQenterPipelineMode(connection) == 1 else {
            throw PostgresError(.connectionLost, statement: steps.last?.sql)
        }
        let (result, failing) = exchange(steps)
        // Left before anything is thrown: whether it can be says whether the connection is good.
        _ = PQexitPipelineMode(connection)
        return try check(result, statement: failing ?? steps.last?.sql)
    }

    /// Sends the statements and takes every answer, so that the connection is free afterwards.
    ///
    /// - Returns: the last result and nil, or the first failed one and its statement.
    private func exchange(_ steps: [Step]) -> (result: OpaquePointer?, failing: String?) {
        for step in steps where !send(step) { return (nil, step.sql) }
        guard PQpipelineSync(connection) == 1 else { return (nil, steps.last?.sql) }
        var (last, failed): (OpaquePointer?, OpaquePointer?) = (nil, nil)
        var (step, failing): (Int, String?) = (0, nil)
        // Each statement's results end with a null, and everything with the word for the end.
        while step <= steps.count {
            guard let result = PQgetResult(connection) else {
                if PQstatus(connection) != CONNECTION_OK { break }
                step += 1
                continue
            }
            let status = PQresultStatus(result)
            if status == PGRES_PIPELINE_SYNC {
                PQclear(result)
                break
            }
            if failed == nil, status == PGRES_FATAL_ERROR {
                failed = result
                failing = steps[min(step, steps.count - 1)].sql
            } else {
                PQclear(last)
                last = result
            }
        }
        guard let failed else { return (last, nil) }
        PQclear(last)
        return (failed, failing)
    }

    private func send(_ step: Step) -> Bool {
        ParameterBuffer(step.values).withPointers {
            if let name = step.name {
                PQsendQueryPrepared(
                    connection,
                    name,
                    $0.count,
                    $0.values,
                    $0.lengths,
                    $0.formats,
                    0
                )
            } else {
                PQsendQueryParams(
                    connection,
                    step.sql,
                    $0.count,
                    nil,
                    $0.values,
                    $0.lengths,
                    $0.formats,
                    0
                )
            }
        } == 1
    }
}
