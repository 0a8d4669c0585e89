import Shared

/// What was sent to the devices of a site, newest first.
struct SendsPage: Page {
    static let template = "sends"
    /// How often the page looks again by itself.
    static let renewSeconds = 30

    let frame: Frame
    let token: String
    let notice: String?
    let zone: String
    let sends: [SendRow]
    let hasSends: Bool

    init(
        frame: Frame,
        token: String,
        commands: [DeviceCommand],
        notice: String?,
        time: SiteTime,
        siteParameter: String?,
        now: Instant
    ) {
        self.frame = frame
        self.token = token
        self.notice = notice
        zone = time.zone
        sends = commands.map {
            SendRow($0, time: time, siteParameter: siteParameter, namesPatient: true, now: now)
        }
        hasSends = !sends.isEmpty
    }
}
