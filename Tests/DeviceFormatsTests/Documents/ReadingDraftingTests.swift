import Shared
import Testing

@testable import DeviceFormats

@Suite struct ReadingDraftingTests {
    private static let bytes = Array("invented bytes".utf8)

    private static func origin(_ source: String, _ name: String) -> DocumentOrigin {
        DocumentOrigin(
            sha256: Digest256(of: bytes),
            source: source,
            name: name,
            capturedAt: Instant(milliseconds: 1_763_629_200_000)
        )
    }

    private static func item(_ pairing: ReadingPairing?) throws -> DecodedReading {
        let file = ExamFile.wavefront("-1.93", "-0.50", "0.15708")
        let decoded = try DeviceFormats.decode(file.document)
        let reading = try #require(decoded.readings.first).reading
        return DecodedReading(reading: reading, pairing: pairing)
    }

    private func identifiers(
        _ drafting: ReadingDrafting,
        _ items: [DecodedReading]
    ) async throws -> [String] {
        var drafting = drafting
        for (index, item) in items.enumerated() {
            try await drafting.add(item, index: index) { _ in nil }
        }
        return drafting.drafts.map(\.id.description)
    }

    // Each is the SHA-256 over the parts with their lengths, cut to a UUID of version 8, computed
    // apart from the product: every stored reading hangs on them.

    @Test func `a reading is named by its document's bytes and its number in it`() async throws {
        let drafting = ReadingDrafting(
            document: Self.origin("cv5000", "exam.xml"),
            clock: nil,
            told: .init()
        )
        let item = try Self.item(nil)
        #expect(
            try await identifiers(drafting, [item, item]) == [
                "9abe0952-9f97-8471-8e8c-6828c842f882", "eb28414a-ad0b-8fc0-919e-ea99f58fabff",
            ]
        )
    }

    @Test func `bytes that stood elsewhere first are named by their path too`() async throws {
        let drafting = ReadingDrafting(
            document: Self.origin("cv5000", "copies/exam.xml"),
            clock: nil,
            told: .init(isFirstPath: false)
        )
        #expect(
            try await identifiers(drafting, [try Self.item(nil)])
                == ["b7d3d9df-e983-8004-bf62-19e6534152f0"]
        )
    }

    @Test func `the eyes of one act have one name, by source, folder, exam, number and kind`()
        async throws
    {
        let drafting = ReadingDrafting(
            document: Self.origin("vx100", "RightWF_Meas_1.txt"),
            clock: nil,
            told: .init()
        )
        let pairing = ReadingPairing(
            folder: "PROBE#Lena/9 Mar 2027#14-05-51",
            exam: "WF",
            number: 1,
            kind: .objectiveRefraction
        )
        #expect(
            try await identifiers(drafting, [try Self.item(pairing)])
                == ["8dedbd75-90fa-85a7-b339-d50810031c5b"]
        )
    }
}
