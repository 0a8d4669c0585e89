import Logging
import Postgres
import Shared

/// One route as a report shows it.
package struct RouteReport: Sendable, Codable, Hashable {
    package let method: String
    package let path: String
    package let permission: String
    /// True where each visit leaves a record in the audit.
    package let audits: Bool
    /// `program` where it is called with a token, `person` otherwise.
    package let caller: String
}

extension PeopleApplication {
    /// Every route, wired as the Hub wires it; no database is asked.
    package static func routeTable() throws -> [RouteReport] {
        guard let address = ListeningAddress("127.0.0.1:0"),
            let ring = SealingRing.powerless
        else { preconditionFailure("constants") }
        let silent = Logger(label: "routes") { _ in SwiftLogNoOpLogHandler() }
        let application = try PeopleApplication(
            Settings(address: address),
            database: PostgresClient(
                configuration: try PostgresConfiguration(url: "postgres://localhost/none"),
                maximumConnections: 1,
                logger: silent
            ),
            hasher: .standard(),
            ring: ring,
            clock: .system,
            logger: silent
        )
        return application.routes.table.map { entry in
            RouteReport(
                method: entry.method,
                path: entry.path,
                permission: entry.permission.rawValue,
                audits: entry.permission.isAudited,
                caller: entry.isForPrograms ? "program" : "person"
            )
        }
    }
}

extension SealingRing {
    /// Keys that open nothing: for wiring what is never run.
    fileprivate static var powerless: SealingRing? {
        let zeros = [UInt8](repeating: 0, count: 32)
        return SealingRing(
            keys: [.field: [1: zeros], .index: [1: zeros], .envelope: [1: zeros]],
            allotment: 0
        )
    }
}
