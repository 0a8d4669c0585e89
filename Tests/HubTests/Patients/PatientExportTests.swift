import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct PatientExportTests {
    /// A patient with one reading and its document at the first site.
    private func patient(_ rig: PeopleRig) async throws -> Patient {
        let site = try await rig.site()
        let patient = try await rig.patients.register(
            try SamplePatient.draft(),
            site: site,
            by: nil
        )
        let store = SampleStore(database: rig.database, site: site)
        let reading = try await store.add(SampleReading.refraction(), number: 1)
        try await rig.database.execute(
            """
            INSERT INTO reading_match (site_id, reading_id, version, state, patient_id, decided_at,
                evidence, position)
            VALUES (\(site), \(reading), 1, 'matched', \(patient.id), '2026-11-20T09:14:38Z',
                '{}', 1000)
            """
        )
        return patient
    }

    @Test func `the file and the page hold what is known of the patient`() async throws {
        try await PeopleRig.with { rig in
            let patient = try await patient(rig)
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let file = try await person.get("/patients/\(patient.id)/export.json")
                #expect(file.status == .ok)
                #expect(
                    file.headers[.contentDisposition]
                        == "attachment; filename=\"patient-\(patient.number).json\""
                )
                #expect(file.headers[.cacheControl] == "no-store")
                let json = try #require(
                    try JSONSerialization.jsonObject(with: Data(file.text.utf8)) as? [String: Any]
                )
                #expect(json["format"] as? String == "clinic-gateway-patient-1")
                #expect(json["number"] as? String == patient.number.description)
                #expect((json["history"] as? [Any])?.count == 1)
                let readings = try #require(json["readings"] as? [[String: Any]])
                #expect(readings.count == 1)
                #expect(readings[0]["site"] as? String == "Clinic")
                // A decimal leaves as it came: as text, not as a fraction in base two.
                #expect(file.text.contains("\"-2.25\""))
                let page = try await person.get("/patients/\(patient.id)/export").text
                #expect(page.contains("Testcase, Amina"))
                #expect(page.contains("2.25"))
                let recorded = try await rig.database.query(
                    """
                    SELECT count(*) AS n FROM audit_record
                    WHERE subject = \(patient.id) AND action LIKE 'GET /patients/{id}/export%'
                    """
                ).first?.decode("n", as: Int.self)
                #expect(recorded == 2)
            }
        }
    }

    @Test func `an export needs a fresh second factor, and a clinician`() async throws {
        try await PeopleRig.with { rig in
            let patient = try await patient(rig)
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                rig.clock.advance(by: .seconds(301))
                let answer = try await person.get("/patients/\(patient.id)/export.json")
                #expect(answer.status == .seeOther)
                #expect(answer.headers[.location]?.hasPrefix("/confirm?next=") == true)
                #expect(!answer.text.contains("Testcase"))
                let assistant = try await rig.signIn(browser, role: .assistant)
                #expect(
                    try await assistant.get("/patients/\(patient.id)/export").status == .forbidden
                )
                #expect(
                    try await !assistant.get("/patients/\(patient.id)").text.contains("/export")
                )
            }
        }
    }

    @Test func `what another site measured is not in it for who does not see that site`()
        async throws
    {
        try await PeopleRig.with { rig in
            let patient = try await patient(rig)
            let other = try await rig.secondSite()
            try await rig.test { browser in
                let person = try await rig.signIn(browser, sites: [other])
                let answer = try await person.get("/patients/\(patient.id)/export.json")
                #expect(answer.status == .notFound)
                try await rig.database.execute(
                    """
                    INSERT INTO patient_site (patient_id, site_id, since)
                    VALUES (\(patient.id), \(other), '2026-11-20T09:14:38Z')
                    """
                )
                let file = try await person.get("/patients/\(patient.id)/export.json").text
                #expect(file.contains("\"Branch\""))
                #expect(!file.contains("2.25"))
            }
        }
    }
}
