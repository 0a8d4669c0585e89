import DeviceFormats
import Foundation
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `Decoding` {
    private let world: AgentWorld

    init() throws {
        world = try AgentWorld()
    }

    @Test func `a document and its readings reach the outbox together, the document first`()
        async throws
    {
        let file = DeviceFile.prescription()
        #expect(try await world.take(file, source: "phoropter") == .decoded(readings: 1))
        #expect(try await world.pending().map(\.kind) == ["document", "reading"])

        let document = try #require(try await world.pendingDocuments().first)
        #expect(document.sha256 == Digest256(of: file.bytes))
        #expect(document.content == Data(file.bytes).base64EncodedString())
        #expect(document.name == file.path)
        #expect(document.format == "joia")
        #expect(document.failure == nil)
        #expect(document.source == "phoropter")

        let fact = try #require(try await world.pendingReadings().first)
        #expect(fact.workstation == "Room 1")
        #expect(fact.revision == 1)
        #expect(fact.capturedAt == AgentWorld.now)
        #expect(fact.reading.document.sha256 == document.sha256)
        #expect(fact.reading.label == "Prescription")
    }

    @Test func `a patient without a measurement is neither a reading nor quarantined`() async throws
    {
        let text = "<optic><optometry><patient><ID>1002517</ID></patient></optometry></optic>"
        let file = DeviceFile(path: "xml/waiting.xml", bytes: Array(text.utf8))
        #expect(try await world.take(file, source: "vx120") == .decoded(readings: 0))
        let document = try #require(try await world.pendingDocuments().first)
        #expect(document.format == "optic")
        #expect(document.failure == nil)
        #expect(try await world.pendingReadings().isEmpty)
    }

    @Test(arguments: [[DeviceFile.Side.right, .left], [.left, .right]])
    func `the second eye completes the first one's reading`(_ sides: [DeviceFile.Side]) async throws
    {
        for side in sides { try await world.take(.wavefront(side)) }
        let facts = try await world.pendingReadings()
        #expect(facts.map(\.revision) == [1, 2])
        #expect(facts[0].id == facts[1].id)
        let eyes = Set(facts[1].reading.values.map(\.eye))
        #expect(eyes.isSuperset(of: [.right, .left]))
        #expect(facts[1].reading.documents.count == 2)
        let stored = try await world.readings.reading(facts[1].id)
        #expect(stored == EarlierReading(revision: 2, reading: facts[1].reading))
    }

    @Test func `two eyes with the very same bytes are both told`() async throws {
        try await world.take(.wavefront(.right, sphere: "-1.93"))
        try await world.take(.wavefront(.left, sphere: "-1.93"))
        let facts = try await world.pendingReadings()
        #expect(facts.map(\.revision) == [1, 2])
        let spheres = try #require(facts.last).reading.values.filter {
            $0.quantity == .sphere && $0.zone == 5
        }
        #expect(spheres.map(\.eye) == [.right, .left])
        #expect(try await world.pendingDocuments().count == 1)
        try await world.take(.wavefront(.left, sphere: "-1.93"))
        #expect(try await world.pendingReadings().count == 2)
    }

    @Test func `the same bytes that name nobody are told for each folder`() async throws {
        let text = "[SPHERE]\r\nR_5=-1.25\r\n[CYLINDER]\r\nR_5=-0.50\r\n[AXIS]\r\nR_5=0.5\r\n"
        for person in ["MARTIN#Jean", "MARTIN#Jeanne"] {
            for _ in 1...2 {
                let path = "\(person)/20 Nov 2026#10-03-27/WF/RightWF_Meas_1.txt"
                try await world.take(DeviceFile(path: path, bytes: Array(text.utf8)))
            }
        }
        let facts = try await world.pendingReadings()
        #expect(facts.map(\.revision) == [1, 1])
        #expect(Set(facts.map(\.id)).count == 2)
    }

    @Test func `both eyes at the same moment still become one reading`() async throws {
        let world = world
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...20 {
                for side in [DeviceFile.Side.right, .left] {
                    let sphere = side == .right ? "-1.\(number + 10)" : "-2.\(number + 10)"
                    group.addTask {
                        try await world.take(.wavefront(side, sphere: sphere, number: number))
                    }
                }
            }
            try await group.waitForAll()
        }
        let facts = try await world.pendingReadings()
        #expect(facts.count == 40)
        let readings = Dictionary(grouping: facts, by: \.id)
        #expect(readings.count == 20)
        for facts in readings.values {
            #expect(facts.map(\.revision).sorted() == [1, 2])
        }
    }

    @Test func `the same eye again with other values is a new revision`() async throws {
        try await world.take(.wavefront(.right, sphere: "-1.93"))
        try await world.take(.wavefront(.right, sphere: "-2.18"))
        let facts = try await world.pendingReadings()
        #expect(facts.map(\.revision) == [1, 2])
        let spheres = facts[1].reading.values.filter { $0.quantity == .sphere && $0.zone == 5 }
        #expect(spheres.compactMap { $0.value?.text } == ["-2.18"])
    }

    @Test func `people who look alike never mix`() async throws {
        let people = [
            ("MARTIN", "Jean"), ("MARTIN", "Jeanne"), ("MARTINEZ", "Jean"),
            ("DUPONT-MARTIN", "Jean"), ("MARTIN", "Jean-Luc"),
        ]
        for (index, person) in people.enumerated() {
            let sphere = "-\(index + 1).25"
            for side in [DeviceFile.Side.right, .left] {
                try await world.take(
                    .wavefront(side, family: person.0, given: person.1, sphere: sphere)
                )
            }
        }
        let newest = try await world.pendingReadings().filter { $0.revision == 2 }
        #expect(newest.count == people.count)
        for (index, person) in people.enumerated() {
            let own = newest.filter {
                $0.reading.patient.familyName == person.0
                    && $0.reading.patient.givenName == person.1
            }
            #expect(own.count == 1)
            let spheres = own.flatMap(\.reading.values).filter {
                $0.quantity == .sphere && $0.zone == 5
            }
            #expect(Set(spheres.compactMap { $0.value?.text }) == ["-\(index + 1).25"])
        }
    }

    @Test func `another person's file in the same visit folder stays a reading of its own`()
        async throws
    {
        try await world.take(.wavefront(.right))
        var stray = DeviceFile.wavefront(.left, family: "MARTIN", given: "Jean")
        stray.path = DeviceFile.wavefront(.left).path
        try await world.take(stray)
        let facts = try await world.pendingReadings()
        #expect(facts.count == 2)
        #expect(facts.map(\.revision) == [1, 1])
        #expect(facts[0].id != facts[1].id)
        #expect(Set(facts[0].reading.values.map(\.eye)).isDisjoint(with: [.left]))
        #expect(Set(facts[1].reading.values.map(\.eye)).isDisjoint(with: [.right]))
    }

    @Test func `the same folder names in two sources are two readings`() async throws {
        try await world.take(.wavefront(.right), source: "l80")
        try await world.take(.wavefront(.left), source: "phoropter")
        #expect(Set(try await world.pendingReadings().map(\.id)).count == 2)
    }

    @Test func `a device whose clock is more than a day away is flagged, once`() async throws {
        let later = try AgentWorld(now: AgentWorld.now.advanced(by: .seconds(3 * 86400)))
        try await later.take(.wavefront(.right))
        try await later.take(.wavefront(.left))
        for fact in try await later.pendingReadings() {
            #expect(fact.reading.problems.filter { $0.code == .clockDrift }.count == 1)
        }
        try await world.take(.wavefront(.right))
        let problems = try await world.pendingReadings().flatMap(\.reading.problems)
        #expect(!problems.contains { $0.code == .clockDrift })
    }

    @Test func `bytes too many for an operation are left to be uploaded`() async throws {
        let padding = String(repeating: " ", count: DocumentFact.inlineBytes)
        var file = DeviceFile.prescription()
        file.bytes += Array(padding.utf8)
        try await world.take(file, source: "phoropter")
        let fact = try #require(try await world.pendingDocuments().first)
        #expect(fact.content == nil)
        #expect(!fact.isPartial)
        #expect(try await world.documents.content(fact.sha256) == file.bytes)
    }
}
