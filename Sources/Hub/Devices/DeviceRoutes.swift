import Postgres
import Shared

/// The pages about devices and what they wrote, wired.
struct DeviceRoutes: Sendable {
    let database: PostgresClient
    let ring: SealingRing
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        let devices = DeviceStore(database: database, clock: clock)
        let decisions = DecisionStore(database: database, clock: clock)
        let operations = OperationStore(database: database, ring: ring, clock: clock)
        DocumentsController(
            documents: DocumentStore(database: database),
            devices: devices,
            decisions: decisions,
            operations: operations,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        DecisionsController(
            devices: devices,
            decisions: decisions,
            redecoding: Redecoding(database: database, ring: ring, clock: clock),
            templates: templates
        ).addRoutes(to: &routes)
        OperationsController(operations: operations, templates: templates)
            .addRoutes(to: &routes)
        DevicesController(
            devices: devices,
            readings: ReadingStore(database: database),
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        RulesController(
            devices: devices,
            rules: RuleStore(database: database, clock: clock),
            templates: templates
        ).addRoutes(to: &routes)
    }
}
