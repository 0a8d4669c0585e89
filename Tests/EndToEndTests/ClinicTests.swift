import ClinicRig
import Foundation
import Postgres
import Shared
import Simulator
import Synchronization
import Testing

/// The whole chain, of real processes: a device's file to a clinician's screen.
@Suite(.serialized) struct ClinicTests {
    @Test func `a file that a device writes is seen by a clinician, and comes back unchanged`()
        async throws
    {
        try await Clinic.run { clinic in
            let browser = try await Browser(clinic.rig)
            let file = try #require(
                SimulatedDocuments(device: .cv5000, seed: 1).first { _ in true }
            )
            try clinic.write(file, into: "cv5000")
            let digest = Digest256(of: file.bytes)

            try await clinic.wait("the document is on the Hub") {
                await clinic.rig.count("document") == 1
            }
            let list = try await browser.get("/readings")
            #expect(list.status == 200)
            #expect(list.text.contains("CV-5000"))
            let reading = try #require(list.text.firstMatch(of: /\/readings\/[0-9a-f-]{36}/))
            let page = try await browser.get(String(reading.output))
            #expect(page.status == 200)
            #expect(page.text.contains(digest.hexadecimal.prefix(12)))
            let link = try #require(page.text.firstMatch(of: /\/documents\/[^"]+/))
            #expect(try await browser.bytes(String(link.output)) == file.bytes)
        }
    }

    @Test func `told to stop, Agent and Hub end in order and as a success`() async throws {
        try await Clinic.run { clinic in
            await clinic.stopAgent()
            await clinic.stopHub()
            let (agent, hub) = await clinic.endings
            #expect(agent == 0)
            #expect(hub == 0)
            let log = try String(contentsOfFile: clinic.rig.folder + "/agent.log", encoding: .utf8)
            #expect(log.contains("clinic-agent has ended"))
        }
    }

    @Test func `a reading appears in an open page without a reload`() async throws {
        try await Clinic.run { clinic in
            let browser = try await Browser(clinic.rig)
            let seen = try await withThrowingTaskGroup(of: String?.self) { group in
                group.addTask {
                    let first = Box<String?>(nil)
                    try await browser.events("/live/readings?after=0") { event in
                        guard event.contains("L80") || event.contains("WF") else { return true }
                        first.set(event)
                        return false
                    }
                    return first.value
                }
                group.addTask {
                    for file in SimulatedDocuments(device: .l80, seed: 2).prefix(6) {
                        try clinic.write(file, into: "l80")
                    }
                    try await Task.sleep(for: .seconds(60))
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            #expect(seen?.contains("id:") == true)
        }
    }

    @Test func `what is captured while the Hub is away arrives when it is back`() async throws {
        try await Clinic.run { clinic in
            await clinic.stopHub()
            let files = Array(SimulatedDocuments(device: .cv5000, seed: 3).prefix(20))
            for file in files { try clinic.write(file, into: "cv5000") }
            try await clinic.wait("all are captured") {
                try clinic.pendingDocuments() == files.count
            }
            try await clinic.startHub()
            try await clinic.wait("all have arrived", seconds: 90) {
                await clinic.rig.count("document") == files.count
            }
        }
    }
}

/// A value that a callback sets.
final class Box<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>

    init(_ value: Value) { storage = Mutex(value) }

    var value: Value { storage.withLock { $0 } }

    func set(_ value: Value) { storage.withLock { $0 = value } }
}
