import Shared
import Testing

@testable import DeviceFormats

/// A transmission cut at any byte never gives a value that the whole has not.
@Suite struct SerialCutTests {
    @Test(arguments: SerialFixture.readable)
    func `every cut of a file is an error`(name: String) throws {
        let whole = try SerialFixture.bytes(name)
        for count in 0..<whole.count {
            let cut = DeviceDocument(bytes: whole[..<count], name: name)
            #expect(failure(of: cut) != nil, "\(name) cut after \(count) bytes")
        }
    }

    @Test(
        arguments: [
            ("l70", SerialFixture.lensmeter), ("rm8000", SerialFixture.refractometer),
            ("kr8900", SerialFixture.keratometer),
        ]
    )
    func `a device detached at any byte leaves whole blocks for a person, or an error`(
        name: String,
        fixture: String
    ) throws {
        let whole = try SerialFixture.bytes(fixture)
        let known = Set(try SerialFixture.readings(fixture).flatMap(\.values))
        var most = 0
        for count in 1..<whole.count {
            var player = try SerialPlayer(name)
            player.send(Array(whole[..<count]))
            player.detach()
            #expect(player.documents.isEmpty, "\(name) cut after \(count) bytes")
            for recording in player.partials {
                let document = SerialFixture.document(recording)
                guard let decoded = try? DeviceFormats.decode(document) else { continue }
                for reading in decoded.readings.map(\.reading) {
                    #expect(reading.isRejected)
                    #expect(reading.problems.contains { $0.code == .transmissionCut })
                    #expect(reading.values.allSatisfy { known.contains($0) })
                    most = max(most, reading.values.count)
                }
            }
        }
        // The lensmeter's last block ends before its transmission does.
        #expect(most == ["l70": 14, "rm8000": 6, "kr8900": 0][name])
    }

    @Test func `a cut eye of a refraction gives nothing, since a plus cylinder would change it`()
        throws
    {
        var player = try SerialPlayer("rm8000")
        player.send(Array("A\rR\r- 1.00\r+ 0.50\r 90\r\rL\r- 2.00\r".utf8))
        player.detach()
        let recording = try #require(player.partials.first)
        let decoded = try DeviceFormats.decode(SerialFixture.document(recording))
        let reading = try #require(decoded.readings.first?.reading)
        #expect(
            reading.values.map(\.line) == [
                "right sphere -0.50 [diop] raw:- 1.00",
                "right cylinder -0.50 [diop] raw:+ 0.50",
                "right axis 180 deg raw:90",
            ]
        )
        #expect(reading.problems.map(\.code) == [.transposed, .transmissionCut])
    }
}
