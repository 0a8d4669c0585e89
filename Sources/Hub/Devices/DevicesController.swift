import HTTPTypes
import Hummingbird
import Logging
import Postgres
import Shared
import Sync

/// The devices of a site, each one's page, and what people decide for it.
struct DevicesController: Sendable {
    let devices: DeviceStore
    let readings: ReadingStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/devices", .readDevices, use: list)
        routes.get("/devices/{id}", .readDevices, use: show)
        routes.post("/devices/{id}/name", .manageDevices, use: rename)
        routes.post("/devices/{id}/clinical", .decideClinicalSettings, use: decide)
        routes.post("/devices/{id}/commands", .decideClinicalSettings, use: enable)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let found = try await devices.devices(of: site.id)
        return templates.response(
            DevicesPage(
                frame: Frame(
                    "Devices",
                    place: .devices,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    renewSeconds: DevicesPage.renewSeconds
                ),
                site: site,
                devices: found,
                hasAgents: found.isEmpty ? try await readings.hasAgents(site: site.id) : true,
                viewer: DeviceViewer(visit.person, site),
                now: clock.now()
            )
        )
    }

    private func show(_ visit: Visit) async throws -> Response {
        let (site, device) = try await device(visit)
        return try await page(visit, site, device)
    }

    private func rename(_ visit: Visit) async throws -> Response {
        let (site, device) = try await device(visit)
        let draft = NameDraft(visit.form)
        guard draft.errors.isEmpty else {
            return try await page(visit, site, device, status: .unprocessableContent) {
                $0.naming = draft
                $0.errors = draft.errors
            }
        }
        return try await change(visit, site, device, .name, nil) { setting in
            setting.name = draft.name.isEmpty ? nil : draft.name
            setting.room = draft.room.isEmpty ? nil : draft.room
        } stale: {
            $0.naming = draft
        }
    }

    private func decide(_ visit: Visit) async throws -> Response {
        let (site, device) = try await device(visit)
        var draft = ClinicalDraft(visit.form)
        let read = try draft.read(today: today(site))
        let typed = draft
        guard let read else {
            return try await page(visit, site, device, status: .unprocessableContent) {
                $0.clinical = typed
                $0.errors = typed.errors
            }
        }
        return try await change(visit, site, device, .clinical, read.verifiedOn) { setting in
            setting.clinical = read.0
        } stale: {
            $0.clinical = typed
        }
    }

    /// Only what the PC accepts can be enabled, whatever a form says.
    private func enable(_ visit: Visit) async throws -> Response {
        let (site, device) = try await device(visit)
        let kinds = (device.fact?.accepts ?? []).filter { kind in
            Command.Kind(rawValue: kind) != nil && visit.form["enable.\(kind)"] != nil
        }
        return try await change(visit, site, device, .commands, nil) { setting in
            setting.enabled = kinds
        } stale: { _ in
        }
    }

    private func change(
        _ visit: Visit,
        _ site: Site,
        _ device: DeviceRecord,
        _ what: DeviceSetting.Change.What,
        _ verifiedOn: CalendarDate?,
        _ body: (inout DeviceSetting) -> Void,
        stale: (inout DevicePage.Found) -> Void
    ) async throws -> Response {
        guard let version = visit.form["version"].flatMap({ Int($0) }), version >= 0 else {
            throw PageError.badRequest
        }
        do {
            try await devices.change(
                DeviceStore.Change(
                    device: device.id,
                    site: site.id,
                    version: version,
                    what: what,
                    by: visit.person.account.id,
                    verifiedOn: verifiedOn
                ),
                body
            )
        } catch is DeviceStore.StaleVersion {
            return try await page(visit, site, device, status: .conflict) { found in
                stale(&found)
                found.errors = [
                    "Someone else has changed this device's settings meanwhile: see the last "
                        + "changes below. What you typed is still here; save it again if it holds."
                ]
            }
        }
        visit.context.logger.notice(
            "device settings changed",
            metadata: [
                "device": "\(device.id)", "what": "\(what.rawValue)",
                "account": "\(visit.person.account.id)",
            ]
        )
        return .redirect(
            to: DeviceViewer(visit.person, site).address("/devices/\(device.id)"),
            type: .normal
        )
    }

    private func device(_ visit: Visit) async throws -> (Site, DeviceRecord) {
        let site = try visit.person.site(named: visit.query["site"])
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let device = try await devices.device(id, site: site.id)
        else { throw PageError.notFound }
        return (site, device)
    }

    private func today(_ site: Site) -> CalendarDate { SiteTime(site).local(clock.now()).date }

    private func page(
        _ visit: Visit,
        _ site: Site,
        _ device: DeviceRecord,
        status: HTTPResponse.Status = .ok,
        _ typed: (inout DevicePage.Found) -> Void = { _ in }
    ) async throws -> Response {
        var found = DevicePage.Found(
            device: device,
            events: try await devices.events(of: device.id, limit: DevicePage.mostEvents),
            versions: try await devices.history(of: device.id, limit: DevicePage.mostVersions),
            naming: NameDraft(device.setting),
            clinical: ClinicalDraft(device.setting, today: today(site))
        )
        typed(&found)
        return templates.response(
            DevicePage(
                frame: Frame(
                    DeviceWords.name(device),
                    place: .devices,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                site: site,
                found: found,
                viewer: DeviceViewer(visit.person, site),
                now: clock.now()
            ),
            status: status
        )
    }
}
