import Postgres
import Shared

/// What the pages are made of, until they are wired.
struct PageParts {
    let settings: PeopleApplication.Settings
    let database: PostgresClient
    let hasher: PasswordHasher
    let ring: SealingRing
    let audit: any AuditSink
    let clock: WallClock
    let templates: Templates
    let broadcaster: LiveBroadcaster
    let stations: StationBroadcaster

    /// Every page and action.
    func routes() -> Routes {
        let readings = ReadingStore(database: database)
        let documents = DocumentStore(database: database)
        let sessions = SessionStore(database: database, clock: clock, limits: settings.session)
        let cookie = SessionCookie(isSecure: settings.isSecure)
        let origin = OriginRule(configured: settings.origin)
        let network = NetworkName(trustsForwardedFor: settings.trustsProxy)
        let trail = AuditTrail(
            writer: audit,
            network: network,
            clock: clock
        )
        let programs = ProgramStore(database: database, clock: clock)
        var routes = Routes(
            gate: Gate(sessions: sessions, cookie: cookie, origin: origin),
            programs: ProgramGate(
                programs: programs,
                attempts: SignInAttempts(database: database, clock: clock),
                cookie: cookie,
                network: network,
                trail: trail
            ),
            trail: trail
        )
        FirstPage().addRoutes(to: &routes)
        AccountRoutes(
            settings: settings,
            database: database,
            hasher: hasher,
            ring: ring,
            clock: clock,
            templates: templates,
            sessions: sessions,
            cookie: cookie,
            network: network,
            trail: trail
        ).addRoutes(to: &routes)
        ReadingsController(
            readings: readings,
            documents: documents,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        DeviceRoutes(database: database, ring: ring, templates: templates, clock: clock)
            .addRoutes(to: &routes)
        AgentsController(
            database: database,
            templates: templates,
            clock: clock,
            authority: settings.authority
        ).addRoutes(to: &routes)
        stationController().addRoutes(to: &routes)
        let emergencies = EmergencyStore(database: database, clock: clock)
        EmergencyController(
            emergencies: emergencies,
            network: network,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        EmergencyReviewController(emergencies: emergencies, templates: templates, clock: clock)
            .addRoutes(to: &routes)
        ProgramsController(programs: programs, templates: templates, clock: clock)
            .addRoutes(to: &routes)
        ProgramApprovalController(programs: programs, templates: templates, clock: clock)
            .addRoutes(to: &routes)
        APIController(
            database: database,
            readings: readings,
            patients: PatientStore(database: database, clock: clock)
        ).addRoutes(to: &routes)
        AuditController(
            audit: AuditStore(database: database),
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        addPatients(to: &routes, readings, documents)
        SendController(
            commands: DeviceCommandStore(database: database, clock: clock),
            patients: PatientStore(database: database, clock: clock),
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        LiveController(
            stream: LiveStream(
                broadcaster: broadcaster,
                readings: readings,
                sessions: sessions,
                templates: templates,
                clock: clock,
                limits: settings.live
            ),
            cookie: cookie
        ).addRoutes(to: &routes)
        return routes
    }

    private func addPatients(
        to routes: inout Routes,
        _ readings: ReadingStore,
        _ documents: DocumentStore
    ) {
        let patients = PatientStore(database: database, clock: clock)
        let matches = MatchStore(database: database, clock: clock)
        PatientsController(
            patients: patients,
            readings: readings,
            documents: documents,
            holds: PatientHoldStore(database: database, clock: clock),
            ring: ring,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        PatientEditController(
            patients: patients,
            readings: readings,
            matches: matches,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        PatientExportController(
            exporter: PatientExporter(
                patients: patients,
                readings: readings,
                documents: documents,
                commands: DeviceCommandStore(database: database, clock: clock),
                ring: ring,
                clock: clock
            ),
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        HoldController(
            patients: patients,
            holds: PatientHoldStore(database: database, clock: clock),
            templates: templates
        ).addRoutes(to: &routes)
        RetentionController(
            retention: RetentionStore(database: database, clock: clock),
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        PatientJoinController(patients: patients, templates: templates, clock: clock)
            .addRoutes(to: &routes)
        MatchController(
            readings: readings,
            patients: patients,
            matches: matches,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
    }

    private func stationController() -> StationController {
        let patients = PatientStore(database: database, clock: clock)
        let contexts = WorkstationContextStore(database: database, clock: clock)
        let cards = CardSessionStore(database: database, ring: ring, clock: clock)
        return StationController(
            workstations: WorkstationStore(database: database, clock: clock),
            contexts: contexts,
            cards: cards,
            patients: patients,
            desk: CardDesk(
                database: database,
                patients: patients,
                cards: cards,
                ring: ring,
                clock: clock
            ),
            views: StationViews(
                database: database,
                contexts: contexts,
                cards: cards,
                patients: patients,
                clock: clock
            ),
            stream: StationStream(broadcaster: stations, beat: settings.live.beat),
            cookie: WorkstationCookie(isSecure: settings.isSecure),
            templates: templates,
            clock: clock
        )
    }
}
