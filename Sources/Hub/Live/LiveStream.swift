import Postgres
import Shared

/// One browser's stream of readings, as text.
struct LiveStream: Sendable {
    let broadcaster: LiveBroadcaster
    let readings: ReadingStore
    let sessions: SessionStore
    let templates: Templates
    let clock: WallClock
    let limits: LiveLimits

    /// What the browser asks for.
    struct Request: Sendable {
        let token: SessionToken
        let person: Person
        let site: Site
        let filter: ReadingFilter
        /// The last position that the browser has.
        let after: Int64
    }

    /// Writes events until the stream ends, for whatever reason; what `write` throws ends it too.
    ///
    /// `listening` began before the call, so that nothing falls between it and what is read here.
    func run(
        _ request: Request,
        _ listening: LiveBroadcaster.Listening,
        write: (EventText) async throws -> Void
    ) async throws {
        try await write(.start)
        let missed = try await readings.arrivals(
            site: request.site.id,
            after: request.after,
            limit: 2 * (limits.catchUp + 1)
        )
        guard missed.count <= limits.catchUp else {
            return try await write(EventText("reload", data: "far behind"))
        }
        var last = request.after
        for record in missed {
            try await write(text(record, request))
            last = record.eventPosition
        }
        for await event in listening.events {
            switch event {
            case .reading(let record) where record.eventPosition > last:
                try await write(text(record, request))
                last = record.eventPosition
            case .reading: continue
            case .beat:
                guard try await isAllowed(request) else {
                    return try await write(EventText("end", data: "signed out"))
                }
                try await write(.beat)
            case .signedOut:
                return try await write(EventText("end", data: "signed out"))
            }
        }
        // Too slow, or the Hub stops: the browser comes back and catches up.
    }

    /// A line as it is now: new to the browser, or in the place of the one that it has.
    private func text(_ record: ReadingRecord, _ request: Request) -> EventText {
        let id = record.eventPosition
        guard request.filter.matches(record) else {
            return EventText("gone", id: id, data: ReadingRow.anchor(record.id))
        }
        let siteParameter = request.person.siteParameter(request.site)
        let row = ReadingRow(
            record,
            at: SiteTime(request.site),
            siteParameter: siteParameter,
            acts: request.person.acts(
                at: request.site,
                next: request.filter.address(siteParameter: siteParameter)
            ),
            now: clock.now()
        )
        return EventText("reading", id: id, data: templates.render(row))
    }

    /// Whether the session still stands and still reaches the site; asking does not prolong it.
    private func isAllowed(_ request: Request) async throws -> Bool {
        guard let person = try await sessions.person(with: request.token, prolonging: false)
        else { return false }
        return person.account.role.permissions.contains(.readReadings)
            && person.sites.contains { $0.id == request.site.id }
    }
}
