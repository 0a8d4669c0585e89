import DeviceFormats
import Foundation
import Glibc
import Shared
import Synchronization
import Testing

@testable import Simulator

/// The simulated devices speak with the product's own protocols; neither side knows the other.
@Suite struct SerialRoundTripTests {
    @Test func `a lensmeter's handshake gives the lenses, however its bytes are split`()
        async throws
    {
        for splits in [false, true] {
            for visit in visits {
                let habits = SerialHabits(splits: splits, noisePercent: 30)
                for transmission in SerialTransmission.all(of: visit, from: .l70, habits: habits) {
                    let listener = try Listener(.l70)
                    let player = SerialPlayer(port: listener, clock: HurriedClock())
                    #expect(try await player.play(transmission) == .sent)
                    let readings = try listener.readings()
                    #expect(readings.map(\.kind) == [.lensmetry])
                    let reading = try #require(readings.first)
                    #expect(!reading.isRejected)
                    #expect(reading.writtenValues == lenses(visit.lensmeterExam))
                    #expect(!reading.problems.contains { $0.code == .checksumUnverified })
                }
            }
        }
    }

    @Test(arguments: [SerialDevice.rm8000, .kr8900])
    func `an old refractometer's values arrive, however its bytes are split`(
        device: SerialDevice
    ) async throws {
        for visit in visits {
            let habits = SerialHabits(splits: true, repeatPercent: 20)
            for transmission in SerialTransmission.all(of: visit, from: device, habits: habits) {
                let listener = try Listener(device)
                let player = SerialPlayer(port: listener, clock: HurriedClock())
                #expect(try await player.play(transmission) == .sent)
                let reading = try #require(try listener.readings().first)
                #expect(!reading.isRejected)
                let exam = visit.refractometerExam
                #expect(
                    reading.writtenValues == refraction(exam, hasEquivalent: device == .kr8900)
                )
            }
        }
    }

    @Test func `a tap on the phoropter's link shows what is in place and keeps nothing`()
        async throws
    {
        for visit in visits {
            let listener = try Listener(.cv5000Link)
            let player = SerialPlayer(port: listener, clock: HurriedClock())
            let habits = SerialHabits(splits: true, noisePercent: 50)
            for transmission in SerialTransmission.all(
                of: visit,
                from: .cv5000Link,
                habits: habits
            ) {
                #expect(try await player.play(transmission) == .sent)
            }
            #expect(try listener.readings().isEmpty)
            let wanted = try #require(PhoropterSpeech(exam: visit.phoropterExam).prescription)
            guard case .phoropter(let state) = listener.lastState else {
                Issue.record("no state")
                continue
            }
            #expect(state.right?.sphere.text == decimal(wanted.right.sphere, 2))
            #expect(state.left?.cylinder.text == decimal(wanted.left.cylinder, 2))
            #expect(state.left?.axis.text == String(wanted.left.axis))
        }
    }

    @Test(arguments: [SerialDevice.l70, .rm8000, .kr8900])
    func `a transmission that stops is never a whole one`(device: SerialDevice) async throws {
        for visit in visits {
            let habits = SerialHabits(cutPercent: 100)
            let cut = SerialTransmission.all(of: visit, from: device, habits: habits)[0]
            let whole = SerialTransmission.all(of: visit, from: device)[0]
            #expect(cut.bytes.count < whole.bytes.count)
            let listener = try Listener(device)
            _ = try await SerialPlayer(port: listener, clock: HurriedClock()).play(cut)
            listener.unplug()
            #expect(listener.documents.isEmpty)
        }
    }

    @Test
    func `a line at the wrong speed is noticed, and a lensmeter that nobody answers gives up`()
        async throws
    {
        let visit = visits[0]
        let habits = SerialHabits(heardAt: 2400)
        let garbled = SerialTransmission.all(of: visit, from: .kr8900, habits: habits)[0]
        let listener = try Listener(.kr8900)
        _ = try await SerialPlayer(port: listener, clock: HurriedClock()).play(garbled)
        #expect(listener.documents.isEmpty)
        #expect(listener.hasDoubts)
        let mute = Mute()
        let lensmeter = SerialTransmission.all(of: visit, from: .l70)[0]
        let outcome = try await SerialPlayer(port: mute, clock: HurriedClock()).play(lensmeter)
        #expect(outcome == .unanswered)
        #expect(mute.attempts == 3)
    }

    @Test func `a pseudo-terminal carries bytes both ways as they are, and its link goes with it`()
        throws
    {
        let link = NSTemporaryDirectory() + "lensmeter-\(UUID().uuidString)"
        var terminal: PseudoTerminal? = try PseudoTerminal(link: link)
        let port = open(link, O_RDWR | O_NOCTTY)
        #expect(port >= 0)
        defer { close(port) }
        // What a terminal that is not raw would change or keep.
        let bytes: [UInt8] = [0x05, 0x0D, 0x0A, 0x03, 0x04, 0x11, 0x13, 0x00, 0xFF]
        try terminal?.write(bytes)
        var heard = [UInt8](repeating: 0, count: 64)
        #expect(read(port, &heard, 64) == bytes.count)
        #expect(Array(heard.prefix(bytes.count)) == bytes)
        #expect(write(port, bytes, bytes.count) == bytes.count)
        #expect(try terminal?.read() == bytes)
        #expect(try terminal?.read() == [])
        terminal = nil
        #expect(access(link, F_OK) != 0)
    }

    private var visits: [SimulatedVisit] {
        (0..<60).map {
            SimulatedVisit(number: $0, start: SimulatedDocuments.usualStart, seed: 31)
        }
    }

    private func lenses(_ exam: LensmeterExam) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            let lens = exam.lenses[side]
            values.add(lens.power, side.eye)
            values.add(side.eye, .addition, lens.addition.map { decimal($0, 2) })
            values.add(side.eye, .pupillaryDistance, decimal(exam.halves[side], 1))
            guard lens.horizontal != 0 || lens.vertical != 0 else { continue }
            values.add(side.eye, .prismHorizontal, decimal(abs(lens.horizontal), 2)) {
                $0.base = lens.horizontal < 0 ? .out : .in
            }
            values.add(side.eye, .prismVertical, decimal(abs(lens.vertical), 2)) {
                $0.base = lens.vertical < 0 ? .down : .up
            }
        }
        let whole = exam.halves.right + exam.halves.left
        values.add(.both, .pupillaryDistance, decimal(whole, 1))
        return values
    }

    private func refraction(
        _ exam: RefractometerExam,
        hasEquivalent: Bool
    ) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            guard let lens = exam.eyes[side].median else { continue }
            values.add(lens, side.eye)
            guard hasEquivalent else { continue }
            values.add(side.eye, .sphericalEquivalent, decimal(lens.equivalent, 2))
        }
        if hasEquivalent { values.add(.both, .vertexDistance, "13.75") }
        values.add(.both, .pupillaryDistance, String(exam.farPupils / 100))
        return values
    }
}

/// The product's end of a line: what comes is given to its protocol, and what that answers can be
/// read.
private final class Listener: SerialPort {
    private struct State {
        var session: any SerialProtocol
        var answer: [UInt8] = []
        var actions: [SerialAction] = []
        var moment: Duration = .zero
    }
    private let state: Mutex<State>

    init(_ device: SerialDevice) throws {
        let entry = try #require(SerialProtocols.named(device.rawValue))
        state = Mutex(State(session: entry.make(entry.line)))
    }

    func write(_ bytes: [UInt8]) {
        state.withLock { state in
            state.moment += .milliseconds(5)
            let actions = state.session.receive(bytes[...], at: state.moment)
            for case .send(let answer) in actions { state.answer += answer }
            state.actions += actions
        }
    }

    func read() -> [UInt8] {
        state.withLock { state in
            defer { state.answer = [] }
            return state.answer
        }
    }

    func unplug() {
        state.withLock { $0.actions += $0.session.end(at: $0.moment) }
    }

    var documents: [SerialRecording] {
        state.withLock { state in
            state.actions.compactMap {
                if case .document(let recording) = $0 { recording } else { nil }
            }
        }
    }

    var hasDoubts: Bool { state.withLock { $0.actions.contains(.wrongBaud) } }

    var lastState: SerialLiveState? {
        state.withLock { state in
            state.actions.compactMap { if case .live(let state) = $0 { state } else { nil } }.last
        }
    }

    func readings() throws -> [Reading] {
        try documents.flatMap { recording in
            let document = DeviceDocument(bytes: recording.encoded(), name: "port.serial")
            return try DeviceFormats.decode(document).readings.map(\.reading)
        }
    }
}

/// A line at whose other end is nobody.
private final class Mute: SerialPort {
    private let count = Mutex(0)

    var attempts: Int { count.withLock { $0 } }

    func write(_ bytes: [UInt8]) { count.withLock { $0 += 1 } }
    func read() -> [UInt8] { [] }
}
