import Shared
import Testing

@testable import DeviceFormats

/// Thousands of damaged transmissions; the numbers of every run are the same.
@Suite struct SerialMutationTests {
    @Test(arguments: SerialFixture.all)
    func `a damaged file ends in readings of its own or in a typed failure`(name: String) throws {
        let whole = try SerialFixture.bytes(name)
        var random = SeededRandom(state: 0xC0FFEE)
        for _ in 0..<2000 {
            let document = DeviceDocument(bytes: mutated(whole, &random), name: name)
            _ = DeviceFormats.completeness(of: document)
            guard let decoded = try? DeviceFormats.decode(document) else { continue }
            for reading in decoded.readings.map(\.reading) {
                #expect(reading.values.allSatisfy { $0.value != nil })
                #expect(reading.document.sha256 == Digest256(of: document.bytes))
            }
        }
    }

    @Test func `a lensmeter's damaged block never passes for a whole one`() throws {
        let whole = try SerialFixture.bytes(SerialFixture.lensmeter)
        let known = Set(try SerialFixture.readings(SerialFixture.lensmeter).flatMap(\.values))
        for place in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[place] ^= 1 << bit
                let document = DeviceDocument(bytes: damaged, name: "capture.bin")
                guard let decoded = try? DeviceFormats.decode(document) else { continue }
                for reading in decoded.readings.map(\.reading) where !reading.isRejected {
                    #expect(
                        reading.values.allSatisfy { known.contains($0) },
                        "byte \(place), bit \(bit)"
                    )
                }
            }
        }
    }

    @Test func `a recording whose proof was made good again is read or refused`() throws {
        let golden = try SerialFixture.bytes(SerialFixture.recording)
        let end = try #require(SerialRecording.endLine(of: golden))
        var random = SeededRandom(state: 0xBADCAB)
        for _ in 0..<2000 {
            let body = mutated(Array(golden[..<end]), &random)
            let proof = SerialRecording.proof(of: body[...])
            let bytes = body + Array("end 19 160 \(proof)\n".utf8)
            guard let recording = try? SerialRecording(bytes) else { continue }
            #expect(try SerialRecording(recording.encoded()) == recording)
            _ = try? DeviceFormats.decode(DeviceDocument(bytes: bytes, name: "port.rec"))
        }
    }

    @Test(arguments: SerialProtocols.all.map(\.name))
    func `no machine loses a byte of what it is fed`(name: String) throws {
        let captures = try SerialFixture.all.map { try SerialFixture.bytes($0) }
        var random = SeededRandom(state: 0xFEED)
        for _ in 0..<300 {
            var player = try SerialPlayer(name)
            var sent = 0
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let bytes = mutated(captures[Int.random(in: 1..<5, using: &random)], &random)
                let size = Int.random(in: 1...200, using: &random)
                for start in stride(from: 0, to: bytes.count, by: size) {
                    player.send(Array(bytes[start..<min(start + size, bytes.count)]))
                }
                sent += bytes.count
                if Bool.random(using: &random) { player.wait() }
            }
            player.detach()
            let kept = player.told.reduce(0) { sum, action in
                switch action {
                case .document(let recording), .partial(let recording, _):
                    sum + recording.receivedBytes
                case .noise(let count): sum + count
                default: sum
                }
            }
            #expect(kept >= sent || name == "cv5000-link")
            #expect(name == "l70" || player.sent.isEmpty)
        }
    }

    /// One to four changes: a byte replaced, taken out or put in, or a piece doubled or left out.
    private func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...24, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: end)
            default: bytes.removeSubrange(place..<end)
            }
        }
        return bytes
    }
}
