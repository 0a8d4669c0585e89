import Foundation
import Postgres
import Shared
import Sync

/// Everything that the Hub holds of one patient, for the patient (GDPR, articles 15 and 20).
///
/// It covers the sites of whoever makes it, and says which. What is left out is said as well: a
/// record that looks whole and is not would be worse than none.
struct PatientExport: Encodable, Sendable {
    struct Version: Encodable, Sendable {
        let version: Int
        let familyName: String
        let givenNames: String
        let birthDate: String?
        let sex: String
        let state: String
        let source: String
        let changedAt: Instant
    }
    struct Residence: Encodable, Sendable {
        let street: String
        let postalCode: String
        let municipality: String
        let since: Instant
    }
    struct Measured: Encodable, Sendable {
        let id: Identifier
        let revision: Int
        let site: String
        let workstation: String
        let device: String?
        let capturedAt: Instant
        let receivedAt: Instant
        /// True where somebody, or the device, said that it does not count.
        let isRejected: Bool
        /// The values as they were decoded; nil where this Hub cannot read them.
        let reading: Reading?
    }
    struct File: Encodable, Sendable {
        let sha256: Digest256
        let name: String
        let format: String?
        let bytes: Int64
        let workstation: String
        let capturedAt: Instant
        /// The bytes in base 64; nil where they are left out.
        let content: String?
    }
    struct Sent: Encodable, Sendable {
        let at: Instant
        let workstation: String
        let device: String
        let kind: String?
        let outcome: String
    }

    let format = "clinic-gateway-patient-1"
    let madeAt: Instant
    let sites: [String]
    /// False where a limit left something out.
    let isComplete: Bool
    let number: String
    let nationalNumber: String?
    let registeredAt: Instant
    /// The numbers of other records of the same person, whose readings are among these.
    let otherNumbers: [String]
    let history: [Version]
    let addresses: [Residence]
    let readings: [Measured]
    let documents: [File]
    let sent: [Sent]

    /// The caps of one export; an answer of this size is still one that a browser saves.
    enum Limits {
        static let readings = 20_000
        static let documents = 2000
        static let contentBytes = 64 * 1024 * 1024
        static let sent = 2000
    }

    /// The readings of a patient as the page shows them, beside the file.
    struct Shown: Sendable {
        let site: Site
        let records: [ReadingRecord]
    }
}

/// Collects what one patient's export holds.
struct PatientExporter: Sendable {
    let patients: PatientStore
    let readings: ReadingStore
    let documents: DocumentStore
    let commands: DeviceCommandStore
    let ring: SealingRing
    let clock: WallClock

    /// Every reading of a patient at a site, the newest first.
    func records(of patient: Identifier, at site: Site) async throws -> [ReadingRecord] {
        var all: [ReadingRecord] = []
        var cursor: TimelineCursor?
        while all.count <= PatientExport.Limits.readings {
            let page = try await readings.list(
                of: patient,
                site: site.id,
                after: cursor,
                limit: 500
            )
            all += page
            guard page.count == 500, let last = page.last else { break }
            cursor = TimelineCursor(last)
        }
        return all
    }

    /// Collects it over `sites`.
    func export(
        _ patient: Patient,
        sites: [Site],
        shown: [PatientExport.Shown]
    ) async throws -> PatientExport {
        var isComplete = true
        var measured: [PatientExport.Measured] = []
        for part in shown {
            if part.records.count > PatientExport.Limits.readings { isComplete = false }
            measured += part.records.prefix(PatientExport.Limits.readings).map {
                PatientExport.Measured($0, site: part.site.name)
            }
        }
        let files = try await files(of: patient.id, sites)
        let sent = try await sent(of: patient.id, sites)
        return PatientExport(
            madeAt: clock.now(),
            sites: sites.map(\.name),
            isComplete: isComplete && files.isComplete && sent.isComplete,
            number: patient.number.description,
            nationalNumber: try await PatientIdentifier.number(
                of: patient.id,
                ring,
                patients.database
            )?.digits,
            registeredAt: patient.createdAt,
            otherNumbers: try await joined(patient, sites),
            history: try await patients.versions(of: patient.id).map(PatientExport.Version.init),
            addresses: try await addresses(of: patient.id),
            readings: measured,
            documents: files.files,
            sent: sent.sent
        )
    }

    private func joined(_ patient: Patient, _ sites: [Site]) async throws -> [String] {
        var numbers: Set<String> = []
        for site in sites {
            let others = try await patients.joined(to: patient.id, site: site.id)
            numbers.formUnion(others.map(\.number.description))
        }
        return numbers.sorted()
    }

    private func addresses(of patient: Identifier) async throws -> [PatientExport.Residence] {
        try await patients.database.query(
            """
            SELECT street, postal_code, municipality, since FROM patient_address
            WHERE patient_id IN (SELECT patient_records(\(patient))) ORDER BY since DESC, id DESC
            """
        ).map { row in
            PatientExport.Residence(
                street: try row.decode("street"),
                postalCode: try row.decode("postal_code"),
                municipality: try row.decode("municipality"),
                since: try row.decode("since")
            )
        }
    }

    private func files(
        of patient: Identifier,
        _ sites: [Site]
    ) async throws -> (files: [PatientExport.File], isComplete: Bool) {
        var files: [PatientExport.File] = []
        var isComplete = true
        var left = PatientExport.Limits.contentBytes
        for site in sites {
            let records = try await documents.records(
                of: patient,
                site: site.id,
                limit: PatientExport.Limits.documents + 1
            )
            if records.count > PatientExport.Limits.documents { isComplete = false }
            for record in records.prefix(PatientExport.Limits.documents) {
                var content: [UInt8]?
                if record.hasContent, record.bytes <= Int64(left) {
                    content = try await documents.content(record.sha256, site: site.id)?.bytes
                }
                left -= content?.count ?? 0
                if content == nil || record.isPartial { isComplete = false }
                files.append(PatientExport.File(record, content: content))
            }
        }
        return (files, isComplete)
    }

    private func sent(
        of patient: Identifier,
        _ sites: [Site]
    ) async throws -> (sent: [PatientExport.Sent], isComplete: Bool) {
        var sent: [PatientExport.Sent] = []
        var isComplete = true
        for site in sites {
            let limit = PatientExport.Limits.sent
            let found = try await commands.recent(site: site.id, patient: patient, limit: limit + 1)
            if found.count > limit { isComplete = false }
            sent += found.prefix(limit).map(PatientExport.Sent.init)
        }
        return (sent, isComplete)
    }
}

extension PatientExport.Version {
    init(_ version: PatientVersion) {
        self.version = version.version
        familyName = version.name.family
        givenNames = version.name.given
        birthDate = version.birthDate?.description
        sex = version.sex.rawValue
        state = version.state.rawValue
        source = version.source.rawValue
        changedAt = version.changedAt
    }
}

extension PatientExport.Measured {
    init(_ record: ReadingRecord, site: String) {
        id = record.id
        revision = record.revision
        self.site = site
        workstation = record.workstation
        device = record.deviceModel
        capturedAt = record.capturedAt
        receivedAt = record.receivedAt
        isRejected = record.isRejected
        reading = record.reading
    }
}

extension PatientExport.File {
    init(_ record: DocumentRecord, content: [UInt8]?) {
        sha256 = record.sha256
        name = record.name
        format = record.format
        bytes = record.bytes
        workstation = record.workstation
        capturedAt = record.capturedAt
        self.content = content.map { Data($0).base64EncodedString() }
    }
}

extension PatientExport.Sent {
    init(_ command: DeviceCommand) {
        at = command.issuedAt
        workstation = command.workstation
        device = command.deviceName ?? command.device
        kind = command.kind?.rawValue
        outcome = command.state.rawValue
    }
}
