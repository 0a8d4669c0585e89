import Shared
import Testing

@testable import DeviceFormats

@Suite struct SerialSessionTests {
    @Test(arguments: [1, 2, 3, 7, 1000])
    func `split bytes make the same transmission`(size: Int) throws {
        let whole = try SerialFixture.bytes(SerialFixture.lensmeter)
        var player = try SerialPlayer("l70")
        for start in stride(from: 0, to: whole.count, by: size) {
            player.send(Array(whole[start..<min(start + size, whole.count)]))
        }
        #expect(player.sent == Array(repeating: [0x06, 0x06, 0x00], count: 9))
        let recording = try #require(player.documents.first)
        #expect(player.documents.count == 1)
        #expect(player.partials.isEmpty)
        #expect(recording.received == whole)
        let decoded = try DeviceFormats.decode(SerialFixture.document(recording))
        #expect(
            decoded.readings.map(\.reading.values)
                == (try SerialFixture.readings(SerialFixture.recording)).map(\.values)
        )
    }

    @Test func `two transmissions back to back are two documents`() throws {
        for (name, fixture) in [
            ("l70", SerialFixture.lensmeter), ("rm8000", SerialFixture.refractometer),
            ("kr8900", SerialFixture.keratometer),
        ] {
            let whole = try SerialFixture.bytes(fixture)
            var player = try SerialPlayer(name)
            player.send(whole + whole)
            #expect(player.documents.map(\.received) == [whole, whole], "\(name)")
            #expect(player.documents.allSatisfy { $0.ending == nil })
            player.wait()
            player.detach()
            #expect(player.documents.count == 2)
            #expect(player.partials.isEmpty)
        }
    }

    @Test func `noise around a transmission is counted and does not enter its values`() throws {
        let whole = try SerialFixture.bytes(SerialFixture.refractometer)
        var player = try SerialPlayer("rm8000")
        player.send([0x20, 0x0D, 0x7A] + whole + [0x0D, 0x0A])
        player.wait()
        #expect(player.documents.count == 1)
        let told = player.told.filter { if case .noise = $0 { true } else { false } }
        #expect(told == [.noise(3), .noise(2)])
        let decoded = try DeviceFormats.decode(SerialFixture.document(player.documents[0]))
        #expect(decoded.readings.count == 1)
    }

    @Test(arguments: ["l70", "rm8000", "kr8900"])
    func `bytes of another speed are suspected once and kept as one sample`(name: String) throws {
        var player = try SerialPlayer(name)
        var random = SeededRandom(state: 9)
        for _ in 0..<20 {
            let high = (0..<40).map { _ in UInt8.random(in: 0x80...0xFF, using: &random) }
            player.send(high + [0, 0, 0])
            player.wait()
        }
        #expect(player.told.count { $0 == .wrongBaud } == 1)
        #expect(player.documents.isEmpty)
        #expect(player.partials.count == 1)
        #expect(player.partials.first?.ending == .unrecognised)
        let document = SerialFixture.document(try #require(player.partials.first))
        #expect(failure(of: document)?.code == .unsupported)
    }

    @Test func `text of a device that its protocol does not know is kept each time`() throws {
        var player = try SerialPlayer("rm8000")
        for _ in 0..<3 {
            player.send(Array("R  S - 1.25  C - 0.50  X 85\r\n".utf8))
            player.wait()
        }
        #expect(player.partials.count == 3)
        #expect(!player.told.contains(.wrongBaud))
    }

    @Test func `a device that starts over leaves what came before as a part`() throws {
        let whole = try SerialFixture.bytes(SerialFixture.lensmeter)
        var player = try SerialPlayer("l70")
        player.send(Array(whole[..<40]) + SerialFixture.block("AR+01.00"))
        player.send(whole)
        // The first 40 bytes end inside a block, so that the rest is no block either.
        #expect(player.documents.count <= 1)
        var clean = try SerialPlayer("l70")
        clean.send([0x05, 0x05, 0x00] + SerialFixture.block("@LM"))
        clean.send(whole)
        #expect(clean.partials.map(\.ending) == [.restarted])
        #expect(clean.documents.count == 1)
    }

    @Test func `a block that is not as the protocol has it breaks the transmission off`() throws {
        var player = try SerialPlayer("l70")
        player.send([0x05, 0x05, 0x00] + SerialFixture.block(" R+01.75-00.50095"))
        player.send([0x02, 0x41, 0xC1])
        #expect(player.sent.count == 2)
        let recording = try #require(player.partials.first)
        #expect(recording.ending == .malformed)
        let decoded = try DeviceFormats.decode(SerialFixture.document(recording))
        #expect(decoded.readings.first?.reading.isRejected == true)
        #expect(decoded.readings.first?.reading.values.count == 3)
    }

    @Test func `silence ends what has no other end`() throws {
        var player = try SerialPlayer("recorder")
        player.send(Array("hello".utf8))
        #expect(player.actions == [.wake(.milliseconds(2005))])
        player.wait(.seconds(1))
        #expect(player.actions.last == .wake(.milliseconds(2005)))
        #expect(player.documents.isEmpty)
        player.wait(.seconds(1))
        #expect(player.documents.map(\.received) == [Array("hello".utf8)])
        let document = SerialFixture.document(try #require(player.documents.first))
        #expect(failure(of: document)?.code == .unsupported)
    }

    @Test func `a transmission without an end is cut by silence, even if nobody woke it`() throws {
        let whole = try SerialFixture.bytes(SerialFixture.refractometer)
        var player = try SerialPlayer("rm8000")
        player.send(Array(whole.dropLast(3)))
        player.send(whole, after: .seconds(60))
        #expect(player.partials.map(\.ending) == [.silence])
        #expect(player.documents.map(\.received) == [whole])
    }

    @Test func `endless bytes end in recordings of the largest size`() throws {
        var player = try SerialPlayer("recorder")
        for _ in 0..<40 { player.send([UInt8](repeating: 0x41, count: 4096)) }
        #expect(player.partials.count == 2)
        #expect(player.partials.allSatisfy { $0.ending == .tooLong })
        for recording in player.partials {
            #expect(recording.received.count <= SerialRecording.maximumBytes)
            let read = try SerialRecording(recording.encoded())
            #expect(read == recording)
        }
        player.detach()
        let sum = player.partials.reduce(0) { $0 + $1.received.count }
        #expect(sum == 40 * 4096)
    }

    @Test func `the phoropter's link shows what is before the eyes, keeps nothing, sends nothing`()
        throws
    {
        let bytes = try SerialFixture.bytes(SerialFixture.link)
        for size in [1, 5, 500] {
            var player = try SerialPlayer("cv5000-link")
            for start in stride(from: 0, to: bytes.count, by: size) {
                player.send(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            var state = PhoropterState()
            state.right = lenses("-4.25", "-1.25", 105)
            state.left = lenses("1.50", "0.00", 0)
            var second = state
            second.pupillaryDistance = ExactDecimal("61.5")
            #expect(player.told == [.live(.phoropter(state)), .live(.phoropter(second))])
            player.wait()
            player.detach()
            #expect(player.told.count == 2)
        }
    }

    @Test func `a cut or lengthened frame of lenses shows nothing`() throws {
        let bytes = try SerialFixture.bytes(SerialFixture.link)
        let start = try #require(bytes.firstIndex(of: UInt8(ascii: "B"))) - 1
        let frame = Array(bytes[start..<(start + 54)])
        for count in 1..<53 {
            var player = try SerialPlayer("cv5000-link")
            player.send(Array(frame[..<count]) + [0x04] + Array(frame[count...]))
            #expect(!player.told.contains { if case .live = $0 { true } else { false } })
        }
    }

    private func lenses(
        _ sphere: String,
        _ cylinder: String,
        _ axis: ExactDecimal
    )
        -> PhoropterState.Lenses
    {
        PhoropterState.Lenses(
            sphere: ExactDecimal(sphere) ?? 0,
            cylinder: ExactDecimal(cylinder) ?? 99,
            axis: axis
        )
    }
}
