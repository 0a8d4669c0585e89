import BelgianEID
import CardKit
import ClinicRig
import Foundation
import Testing

/// `clinic-agent card` as an administrator runs it, at a real pcscd.
@Suite(.serialized, .timeLimit(.minutes(5))) struct CardCommandTests {
    private struct Report: Decodable {
        struct Reader: Decodable {
            var name: String
            var card: Card?
        }
        struct Card: Decodable {
            var kind: String
            var applet: String?
            var outcome: String
            var genuine: Bool
            var invalid: [String]
            var apdus: Int
        }
        var readers: [Reader]
    }

    private func run(
        _ arguments: [String],
        root card: TestCard? = nil
    ) async throws -> (status: Int32, output: String, errors: String) {
        var arguments = ["card"] + arguments
        let path = NSTemporaryDirectory() + "/test-root-\(UUID().uuidString).pem"
        defer { try? FileManager.default.removeItem(atPath: path) }
        if let card {
            try card.authority.rootPEM.write(toFile: path, atomically: true, encoding: .utf8)
            arguments += ["--test-root", path]
        }
        return try RunningProcess.run(
            "clinic-agent",
            arguments,
            environment: VirtualReaders.environment
        )
    }

    private func report(_ output: String) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(output.utf8))
    }

    @Test func `it says of each reader and card what they are, and of nobody who`() async throws {
        try await VirtualReaders.run { virtual in
            let empty = try await run(["--json"])
            #expect(empty.status == 66)
            #expect(try report(empty.output).readers.map(\.name) == VirtualReaders.names)
            let card = try TestCard()
            virtual.slots[0].insert(TestApplet(card))
            let sound = try await run(["--json", "--wait", "20"], root: card)
            let read = try #require(try report(sound.output).readers[0].card)
            #expect(sound.status == 0 && read.kind == "belgianEID" && read.applet == "1.8")
            #expect(read.outcome == "testCard" && read.genuine && read.invalid == [])
            #expect(try report(sound.output).readers[1].card == nil)
            let stranger = try await run(["--json"])
            #expect(stranger.status == 65)
            #expect(try report(stranger.output).readers[0].card?.outcome == "untrustedIssuer")
            let text = try await run([], root: card)
            #expect(text.status == 0 && text.output.contains("genuine but for its root"))
            for output in [sound.output, stranger.output, text.output, sound.errors] {
                #expect(!output.contains("Specimen") && !output.contains("6103"))
            }
            #expect(try await run(["--show"], root: card).status == 77)
        }
    }

    @Test func `it names what was changed`() async throws {
        try await VirtualReaders.run { virtual in
            let forged = try TestCard(applet: .applet17, faults: [.identity, .photo])
            virtual.slots[0].insert(
                TestApplet(forged),
                answerToReset: TestApplet.Version.applet17.answerToReset
            )
            let result = try await run(["--json", "--wait", "20"], root: forged)
            let card = try #require(try report(result.output).readers[0].card)
            #expect(result.status == 65 && card.outcome == "testCard" && !card.genuine)
            #expect(card.invalid == ["identity", "photo"] && card.applet == "1.7")
        }
    }

    @Test func `another kind of card is no eID`() async throws {
        try await VirtualReaders.run { virtual in
            var foreign = TestApplet(try TestCard())
            for number in 1...99 { foreign.disturbances[number] = [0x6D, 0] }
            virtual.slots[1].insert(foreign, answerToReset: [0x3B, 0x65, 0, 0, 1, 2, 3, 4])
            let other = try await run(["--json", "--wait", "20"])
            let none = try #require(try report(other.output).readers[1].card)
            #expect(none.kind == "other" && none.outcome == "notBelgianEID" && none.applet == nil)
        }
    }

    /// The Agents of other tests, at the same time, would read the cards of these.
    @Test func `a program that is given no readers finds none`() async throws {
        try await VirtualReaders.run { virtual in
            virtual.slots[0].insert(TestApplet(try TestCard()))
            #expect(try RunningProcess.run("clinic-agent", ["card", "--json"]).status == 69)
            #expect(virtual.slots[0].commands == 0)
        }
    }

    @Test func `without pcscd it ends with 69 and says why`() async throws {
        try await VirtualReaders.run(started: false) { _ in
            let result = try await run(["--json"])
            #expect(result.status == 69 && result.errors.contains("pcscd does not run"))
            #expect(try report(result.output).readers.isEmpty)
        }
    }
}
