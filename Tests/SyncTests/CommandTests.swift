import Shared
import Sync
import Testing

/// The class `work` and the operation `command` keep their golden forms.
@Suite struct CommandTests {
    @Test func `a page of work is read and written as the golden one`() throws {
        let golden = try Golden.line("pull-work-v1.json")
        let reply = try JSON.decode(PullReply.self, from: golden)
        #expect(try JSON.encode(reply) == golden)
        #expect(reply.changes.map(\.kind) == [.put, .put, .remove])
    }

    @Test func `the golden commands are read as they were written`() throws {
        let reply = try JSON.decode(PullReply.self, from: try Golden.line("pull-work-v1.json"))
        let payloads = reply.changes.compactMap(\.payload)
        let commands = try payloads.map { try JSON.decode(Command.self, from: Array($0.utf8)) }
        for (change, command) in zip(reply.changes, commands) {
            #expect(change.key == "\(Command.keyPrefix)\(command.id)")
        }
        let list = try #require(commands.first)
        #expect(list.kind == .visionixWaitingList)
        #expect(list.device == "source:vx100")
        #expect(list.fence == 1)
        #expect(list.patient.birthDate == CalendarDate("1987-05-02"))
        #expect(list.refractions.isEmpty)
        let phoropter = try #require(commands.last)
        #expect(phoropter.patient.birthDate == nil)
        #expect(phoropter.patient.sex == nil)
        let refraction = try #require(phoropter.refractions.first)
        #expect(refraction.source == .spectacles)
        #expect(refraction.right?.sphere == ExactDecimal("1.25"))
        #expect(refraction.right?.addition == ExactDecimal("2.00"))
        #expect(refraction.left?.cylinder == nil)
        #expect(refraction.vertexDistance == ExactDecimal("12.00"))
        for (payload, command) in zip(payloads, commands) {
            #expect(try JSON.encode(command) == Array(payload.utf8))
        }
    }

    @Test func `the fact of each state keeps its golden form`() throws {
        let lines = try Golden.line("command-facts-v1.txt").split(separator: UInt8(ascii: "\n"))
        let facts = try lines.map { try JSON.decode(CommandFact.self, from: $0) }
        #expect(facts.map(\.state) == CommandFact.State.allCases)
        for (line, fact) in zip(lines, facts) { #expect(try JSON.encode(fact) == Array(line)) }
    }
}
