import Shared
import Sync

/// Where a patient can be sent to, what goes along, and what was sent before.
struct SendPage: Page {
    static let template = "send"

    /// One device, or one of the two ways into it.
    struct Destination: Sendable {
        let title: String
        let place: String
        let what: String
        let value: String
        /// Why nobody can be sent there now; nil where they can.
        let obstacle: String?
        let groups: [Group]
        let hasGroups: Bool
    }
    /// The refractions of one kind, of which at most one goes along.
    struct Group: Sendable {
        let title: String
        let field: String
        let offers: [Offer]
    }
    struct Offer: Sendable {
        let value: String
        let right: String
        let left: String
        let more: String?
        let taken: String
        let old: String?
    }

    let frame: Frame
    let token: String
    let action: String
    let back: String
    let name: String
    let number: String
    let born: String
    let isTest: Bool
    let notice: String?
    let fault: String?
    let homonyms: String?
    let destinations: [Destination]
    let hasDestinations: Bool
    let sends: [SendRow]
    let hasSends: Bool
    let all: String

    /// What the controller found.
    struct Found: Sendable {
        let patient: Patient
        let destinations: [SendDestination]
        let offers: [RefractionOffer]
        let recent: [DeviceCommand]
        /// Other patients of the site with the same name.
        let homonyms: Int
    }
    /// What a person is told on top.
    struct Message: Sendable {
        var notice: String?
        var fault: String?
    }

    init(
        frame: Frame,
        token: String,
        found: Found,
        message: Message,
        time: SiteTime,
        siteParameter: String?,
        now: Instant
    ) {
        let patient = found.patient
        self.frame = frame
        self.token = token
        let path = "/patients/\(patient.id)"
        action = Address("\(path)/send", ["site": siteParameter]).text
        back = Address(path, ["site": siteParameter]).text
        name = "\(patient.name.family) \(patient.name.given)"
        number = patient.number.description
        isTest = patient.isTest
        born =
            patient.birthDate?.date.map(SiteTime.day)
            ?? patient.birthDate?.description ?? "not known"
        notice = message.notice
        fault = message.fault
        let hasIndex = found.destinations.contains { $0.kind == .visionixIndex }
        homonyms =
            found.homonyms > 0 && hasIndex
            ? "\(found.homonyms == 1 ? "Another patient" : "\(found.homonyms) other patients") of "
                + "this site has the same name. An L80 keeps no number: it cannot tell them apart."
            : nil
        destinations = found.destinations.map { destination in
            Destination(destination, found, time: time, now: now)
        }
        hasDestinations = !destinations.isEmpty
        sends = found.recent.map {
            SendRow($0, time: time, siteParameter: siteParameter, namesPatient: false, now: now)
        }
        hasSends = !sends.isEmpty
        all = Address("/sends", ["site": siteParameter]).text
    }
}

extension SendPage.Destination {
    fileprivate init(
        _ destination: SendDestination,
        _ found: SendPage.Found,
        time: SiteTime,
        now: Instant
    ) {
        title = destination.name ?? destination.device
        place = [destination.room, destination.workstation].compactMap(\.self)
            .joined(separator: " · ")
        what = CommandWords.name(destination.kind)
        value = destination.formValue
        let isPhoropter = destination.kind == .phoropterImport
        groups =
            isPhoropter
            ? Command.Refraction.Source.allCases.compactMap { source in
                let offers = found.offers.filter { $0.source == source }
                return offers.isEmpty
                    ? nil : SendPage.Group(source, offers, time: time, now: now)
            } : []
        hasGroups = !groups.isEmpty
        obstacle =
            switch destination.kind {
            case .visionixWaitingList where found.patient.birthDate?.date == nil:
                "The device needs a birth date that is known to the day."
            case .phoropterImport where groups.isEmpty:
                "No refraction or lensmeter reading is matched with this patient."
            default: nil
            }
    }
}

extension SendPage.Group {
    fileprivate init(
        _ source: Command.Refraction.Source,
        _ offers: [RefractionOffer],
        time: SiteTime,
        now: Instant
    ) {
        title =
            switch source {
            case .objective: "As objective data"
            case .spectacles: "As current spectacles"
            case .lastPrescription: "As last prescription"
            }
        field = source.rawValue
        self.offers = offers.map { offer in
            let refraction = offer.refraction
            let more = [
                refraction.vertexDistance.map {
                    "vertex distance \(ValueText.notation.text($0)) mm"
                },
                refraction.pupillaryDistance.map { "PD \(ValueText.notation.text($0)) mm" },
            ].compactMap(\.self)
            let isOld =
                now.duration(since: offer.capturedAt) > RefractionOffer.oldAfter
            return SendPage.Offer(
                value: offer.formValue,
                right: Self.text(refraction.right),
                left: Self.text(refraction.left),
                more: more.isEmpty ? nil : more.joined(separator: " · "),
                taken: [time.full(offer.capturedAt), offer.model].compactMap(\.self)
                    .joined(separator: " · "),
                old: isOld ? "older than three months" : nil
            )
        }
    }

    /// The powers as they are written for the device.
    private static func text(_ powers: Command.Refraction.Powers?) -> String {
        guard let powers else { return Notation.absent }
        let notation = ValueText.notation
        let text = notation.refraction(
            sphere: powers.sphere,
            cylinder: powers.cylinder,
            axis: powers.axis.map { ExactDecimal(integerLiteral: Int64($0)) }
        )
        return powers.addition.map { "\(text)  \(notation.addition($0))" } ?? text
    }
}

/// One command in a list.
struct SendRow: Sendable {
    let time: TimeView
    let patient: String?
    let number: String?
    let isTest: Bool
    let address: String?
    let device: String
    let workstation: String
    let what: String
    let who: String
    let word: String
    let level: String
    let sentence: String
    /// Until when it may be delivered; nil once it is over.
    let until: String?
    /// Where to take it back; nil where that is too late.
    let cancel: String?

    init(
        _ command: DeviceCommand,
        time: SiteTime,
        siteParameter: String?,
        namesPatient: Bool,
        now: Instant
    ) {
        self.time = time.view(command.issuedAt, now: now)
        patient =
            namesPatient ? "\(command.patientName.family) \(command.patientName.given)" : nil
        number = namesPatient ? command.patientNumber : nil
        isTest = namesPatient && command.patientIsTest
        address =
            namesPatient
            ? Address("/patients/\(command.patient)/send", ["site": siteParameter]).text : nil
        device = command.deviceName ?? command.device
        workstation = command.workstation
        what = CommandWords.name(command.kind)
        who = command.issuedBy
        (word, level) = CommandWords.state(command, now: now)
        sentence = CommandWords.sentence(command, now: now)
        let isOpen = !command.state.isSettled && command.expiresAt > now
        until = isOpen ? time.view(command.expiresAt, now: now).clock : nil
        cancel =
            command.state.isSettled
            ? nil : Address("/sends/\(command.id)/cancel", ["site": siteParameter]).text
    }
}
