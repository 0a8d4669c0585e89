import ClinicRig
import Foundation
import Postgres
import Shared
import Testing

/// A patient of the Hub to the devices, and what the devices measure then back to the patient: real
/// processes, simulated devices, and the pages that people use.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SendingTests {
    @Test func `a patient who is sent to a device comes back with matched readings`() async throws {
        try await Clinic.run { clinic in
            let rig = clinic.rig
            try rig.allowSending([
                ("vx100", "visionixWaitingList", "list"), ("l80", "visionixIndex", "l80"),
            ])
            try Data("0\r\n".utf8).write(to: URL(filePath: rig.share("l80") + "/Index.txt"))
            try await clinic.killAgent()
            let devices = [
                try receiver("vx120-xml", inbox: "list", share: "vx100", rig),
                try receiver("l80", inbox: "l80", share: "l80", rig),
            ]
            do {
                try await send(clinic)
            } catch {
                for device in devices { await device.stop() }
                throw error
            }
            for device in devices { await device.stop() }
        }
    }

    private func send(_ clinic: Clinic) async throws {
        let rig = clinic.rig
        let browser = try await Browser(rig)
        try await clinic.wait("both devices are on the page") {
            await rig.count(
                "device WHERE key IN ('source:vx100', 'source:l80') AND state = 'ready'"
            )
                == 2
        }
        for device in try await identifiers(
            "device WHERE key IN ('source:vx100', 'source:l80')",
            rig
        ) {
            try await enable(device, browser)
        }
        try await register(browser)
        let patient = try #require(try await identifiers("patient", rig).first)
        try await clinic.wait("the PC has heard what is enabled") {
            let page = try await browser.get("/patients/\(patient)/send").text
            return page.contains("visionixWaitingList") && page.contains("visionixIndex")
        }
        for kind in ["visionixWaitingList", "visionixIndex"] {
            try await send(kind, to: "/patients/\(patient)/send", browser)
        }
        try await clinic.wait("both are told as delivered") {
            await rig.count("device_command WHERE state = 'delivered'") == 2
        }
        // The VX120 keeps our number: with the name that is two signals.
        try await clinic.wait("what the VX120 measured is the patient's", seconds: 90) {
            await rig.count(Self.matches("vx100", "match.patient_id = '\(patient)'")) ?? 0 > 0
        }
        // An L80 knows names alone: that the patient was sent there is one signal, and a person
        // decides.
        try await clinic.wait("what the L80 measured is proposed", seconds: 90) {
            await rig.count(Self.matches("l80", "match.evidence::text LIKE '%\(patient)%'")) ?? 0
                > 0
        }
        #expect(await rig.count(Self.matches("l80", "match.state = 'matched'")) == 0)
        let page = try await browser.get("/patients/\(patient)").text
        #expect(page.contains("Vandenbroeck"))
        #expect(page.contains("automatic"))
        #expect(await rig.count("document WHERE failure_code IS NOT NULL") == 0)
    }

    private static func matches(_ source: String, _ condition: String) -> String {
        """
        (SELECT FROM reading_match AS match JOIN reading
            ON reading.site_id = match.site_id AND reading.id = match.reading_id
            WHERE reading.source = '\(source)' AND \(condition)) AS found
        """
    }

    private func receiver(
        _ device: String,
        inbox: String,
        share: String,
        _ rig: ClinicRig
    ) throws -> RunningProcess {
        try RunningProcess(
            "clinic-sim",
            [
                "receive", "--device", device, "--inbox", rig.share(inbox), "--share",
                rig.share(share), "--every", "0.2",
            ],
            log: "\(rig.folder)/\(device).log"
        )
    }

    private func identifiers(_ what: String, _ rig: ClinicRig) async throws -> [String] {
        try await rig.withDatabase { connection in
            try await connection.query("SELECT id::text AS id FROM \(unescaped: what)")
                .map { try $0.decode("id") }
        }
    }

    /// What an administrator does on a device's page.
    private func enable(_ device: String, _ browser: Browser) async throws {
        let page = try await browser.get("/devices/\(device)")
        #expect(page.status == 200)
        let box = try #require(page.text.firstMatch(of: /name="(enable\.[A-Za-z]+)"/))
        let status = try await browser.post(
            "/devices/\(device)/commands",
            [
                ("token", try token(page.text)), ("version", "0"), (String(box.output.1), "1"),
            ]
        )
        #expect(status == 303)
    }

    private func register(_ browser: Browser) async throws {
        let page = try await browser.get("/patients/new")
        let status = try await browser.post(
            "/patients",
            [
                ("token", try token(page.text)), ("family", "Vandenbroeck"), ("given", "Zoë"),
                ("born", "14/03/1985"), ("sex", "f"),
            ]
        )
        #expect(status == 303)
    }

    /// What an assistant does on the patient's page.
    private func send(_ kind: String, to page: String, _ browser: Browser) async throws {
        let shown = try await browser.get(page).text
        let destination = try #require(
            shown.matches(of: /name="to" value="([^"]+)"/).map { String($0.output.1) }
                .first { $0.contains(kind) }
        )
        let status = try await browser.post(
            page,
            [("token", try token(shown)), ("to", destination)]
        )
        #expect(status == 303)
    }

    private func token(_ page: String) throws -> String {
        String(try #require(page.firstMatch(of: /name="token" value="([^"]+)"/)).output.1)
    }
}
