import DeviceFormats
import Foundation
import Glibc
import Shared
import Sync
import Synchronization
import Testing

@testable import Agent

@Suite struct `The index that a device writes as well` {
    private let rig: DeliveryRig

    init() throws {
        rig = try DeliveryRig()
        try rig.plugIn()
    }

    private func delivery(
        _ family: String = "PROBE",
        mayExchange: Bool = true,
        isQuiet: Bool = false,
        checkpoint: @escaping DeliveryCheckpoint = { _ in }
    ) throws -> IndexDelivery {
        let source = try #require(rig.sources.first { $0.send == .visionixIndex })
        let patient = OutgoingPatient(
            number: "1000004",
            familyName: family,
            givenName: "Lena",
            birthDate: nil,
            sex: nil
        )
        return IndexDelivery(
            target: try #require(SendTarget(source)),
            entry: try VisionixIndexEntry(patient),
            checkpoint: checkpoint,
            isQuiet: { _ in isQuiet },
            mayExchange: mayExchange
        )
    }

    private func lines() throws -> [String] {
        try #require(rig.text("l80/Index.txt")).split(separator: "\n").map(String.init)
    }

    /// A device that adds patients of its own at the stages that the generator picks: in place,
    /// under a new file, or half now and half at the next stage.
    private final class WritingDevice: Sendable {
        private struct State {
            var random: SeededRandom
            var count = 0
            var half: (file: Int32, rest: [UInt8])?
        }

        private let path: String
        private let state: Mutex<State>

        init(_ path: String, seed: UInt64) {
            self.path = path
            state = Mutex(State(random: SeededRandom(seed: seed)))
        }

        var written: Int { state.withLock { $0.count } }

        /// Ends what was begun.
        func finish() {
            state.withLock { Self.finish(&$0) }
        }

        func act() {
            state.withLock { state in
                if state.half != nil { return Self.finish(&state) }
                guard state.count < 6, Int.random(in: 0..<3, using: &state.random) == 0 else {
                    return
                }
                state.count += 1
                let name = "DEVICE#N\(state.count)*DEVICE%N\(state.count)"
                guard let old = FileManager.default.contents(atPath: path) else { return }
                var rows = String(decoding: old, as: UTF8.self).split(separator: "\n")
                rows.removeFirst()
                let lines = rows.map(String.init) + [name]
                let text = "\(lines.count)\n\(lines.map { $0 + "\n" }.joined())"
                let bytes = Array(text.utf8)
                switch Int.random(in: 0..<3, using: &state.random) {
                case 0:
                    let temporary = path + ".new"
                    try? Data(bytes).write(to: URL(filePath: temporary))
                    rename(temporary, path)
                case 1:
                    let file = open(path, O_WRONLY | O_TRUNC)
                    _ = write(file, bytes, bytes.count)
                    close(file)
                default:
                    let file = open(path, O_WRONLY | O_TRUNC)
                    let half = bytes.count / 2
                    _ = write(file, bytes, half)
                    state.half = (file, Array(bytes[half...]))
                }
            }
        }

        private static func finish(_ state: inout State) {
            guard let (file, rest) = state.half else { return }
            _ = write(file, rest, rest.count)
            close(file)
            state.half = nil
        }
    }

    @Test(arguments: 0..<400)
    func `loses no line, whenever and however the device writes`(seed: Int) throws {
        let device = WritingDevice("\(rig.share.path)/l80/Index.txt", seed: UInt64(seed))
        let delivery = try delivery { _ in device.act() }
        var tries = 0
        while true {
            do {
                _ = try delivery.deliver { true }
                break
            } catch let failure as DeliveryFailure {
                // The device was found in the middle of a write: it goes on, and we come again.
                device.finish()
                tries += 1
                guard tries < 20 else { throw failure }
            }
        }
        device.finish()
        // The device's last write may have been made from a state before ours.
        _ = try self.delivery().deliver { true }
        var expected = ["SAMPLE#Bruno*SAMPLE%Bruno", "ZIMMER#Ute*ZIMMER%Ute"]
        expected += (0..<device.written).map { "DEVICE#N\($0 + 1)*DEVICE%N\($0 + 1)" }
        expected.append("PROBE#Lena*PROBE%Lena")
        let lines = try lines()
        #expect(Set(lines.dropFirst()) == Set(expected), "seed \(seed)")
        #expect(lines.first == String(expected.count), "seed \(seed)")
        #expect(try rig.names(.visionixIndex).filter { $0.hasPrefix(".") }.isEmpty)
    }

    @Test func `is written anew where it changed before the rename of a share`() throws {
        let count = Mutex(0)
        let path = "\(rig.share.path)/l80/Index.txt"
        let delivery = try delivery(mayExchange: false) { stage in
            guard stage == .backedUp,
                count.withLock({
                    $0 += 1; return $0
                }) == 1
            else { return }
            let text = "3\nNEW#Eva*NEW%Eva\n" + DeliveryRig.index.dropFirst(2)
            try Data(text.utf8).write(to: URL(filePath: path))
        }
        #expect(try delivery.deliver { true } == DeliveryResult())
        #expect(
            try lines() == [
                "4", "NEW#Eva*NEW%Eva", "PROBE#Lena*PROBE%Lena", "SAMPLE#Bruno*SAMPLE%Bruno",
                "ZIMMER#Ute*ZIMMER%Ute",
            ]
        )
        #expect(try rig.names(.visionixIndex).filter { $0.hasPrefix(".") }.isEmpty)
    }

    @Test func `gets no second line for a homonym, and the outcome says so`() throws {
        #expect(try delivery().deliver { true } == DeliveryResult())
        #expect(try delivery("probe").deliver { true } == DeliveryResult(code: "alreadyThere"))
        #expect(try lines().count == 4)
    }

    @Test func `gets the line where only the folder is there, and the folder where only the line`()
        throws
    {
        mkdir("\(rig.folder(.visionixIndex))/PROBE#Lena", 0o755)
        #expect(try delivery().deliver { true } == DeliveryResult())
        #expect(try lines().contains("PROBE#Lena*PROBE%Lena"))
        rmdir("\(rig.folder(.visionixIndex))/PROBE#Lena")
        #expect(try delivery().deliver { true } == DeliveryResult())
        #expect(try rig.names(.visionixIndex).contains("PROBE#Lena"))
        #expect(try lines().count == 4)
    }

    @Test func `is never made up, and never written where it is not understood`() throws {
        for text in ["", "x\nA#B*A%B\n", "5\nA#B*A%B\n", "\u{0}2\u{0}"] {
            try rig.write(text, to: "l80/Index.txt")
            #expect(throws: DeliveryFailure.self) {
                try delivery(isQuiet: true).deliver { true }
            }
            #expect(rig.text("l80/Index.txt") == text)
        }
        unlink("\(rig.folder(.visionixIndex))/Index.txt")
        #expect(throws: DeliveryFailure.indexMissing) { try delivery().deliver { true } }
        #expect(try rig.names(.visionixIndex).isEmpty)
    }

    @Test func `with more lines than it counts is taken once it has been left alone`() throws {
        let text = "1\nA#B*A%B\nC#D*C%D\n"
        try rig.write(text, to: "l80/Index.txt")
        #expect(throws: DeliveryFailure.index(.indexIncomplete)) { try delivery().deliver { true } }
        #expect(try delivery(isQuiet: true).deliver { true } == DeliveryResult())
        #expect(try lines() == ["3", "A#B*A%B", "C#D*C%D", "PROBE#Lena*PROBE%Lena"])
    }

    @Test func `is quiet when the same bytes have been seen for twenty seconds`() {
        let quiet = IndexQuiet()
        let start = ContinuousClock.now
        #expect(!quiet.isQuiet([1], at: start))
        #expect(!quiet.isQuiet([1], at: start + .seconds(19)))
        #expect(quiet.isQuiet([1], at: start + .seconds(20)))
        #expect(!quiet.isQuiet([2], at: start + .seconds(40)))
        #expect(!quiet.isQuiet([1], at: start + .seconds(60)))
    }

    @Test func `keeps three earlier states and no more`() throws {
        for family in ["AAA", "BBB", "CCC", "DDD", "EEE"] {
            _ = try delivery(family).deliver { true }
        }
        let names = try rig.names(.visionixIndex).filter { $0.hasSuffix(".bak") }
        #expect(names == ["Index.txt.1.bak", "Index.txt.2.bak", "Index.txt.3.bak"])
        #expect(rig.text("l80/Index.txt.1.bak")?.hasPrefix("6\n") == true)
        #expect(rig.text("l80/Index.txt.3.bak")?.hasPrefix("4\n") == true)
    }

    @Test func `changes nothing when the time is over`() throws {
        #expect(throws: DeliveryFailure.tooLate) { try delivery().deliver { false } }
        #expect(try rig.names(.visionixIndex) == ["Index.txt"])
    }

    @Test func `keeps its permissions`() throws {
        let path = "\(rig.share.path)/l80/Index.txt"
        chmod(path, 0o664)
        _ = try delivery().deliver { true }
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o664)
    }
}

/// SplitMix64.
private struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
