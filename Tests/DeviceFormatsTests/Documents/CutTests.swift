import Shared
import Testing

@testable import DeviceFormats

/// A document cut at any byte never gives a value that the whole has not at that place.
@Suite struct CutTests {
    @Test(arguments: Fixture.all.map { Source(folder: $0.0, name: $0.1) })
    func `every cut gives the whole's values, fewer, or an error`(source: Source) throws {
        let whole = try Fixture.document(source.folder, source.name)
        let known = Set(try values(of: whole))
        #expect(!known.isEmpty)
        for count in 0..<whole.bytes.count {
            let cut = DeviceDocument(
                bytes: Array(whole.bytes[..<count]),
                name: whole.name,
                folders: whole.folders
            )
            guard let values = try? values(of: cut) else { continue }
            let invented = values.filter { !known.contains($0) }
            #expect(invented.isEmpty, "cut after \(count) bytes: \(invented.map(\.value.line))")
        }
    }

    @Test(
        arguments: (Fixture.joia.map { ("JOIA", $0) }
            + [Fixture.optic, Fixture.glasses].map { ("Optic", $0) })
            .map { Source(folder: $0.0, name: $0.1) }
    )
    func `a cut exam document is truncated and incomplete until its root is closed`(
        source: Source
    ) throws {
        let name = source.name
        let whole = try Fixture.document(source.folder, name)
        let end = try #require(whole.bytes.lastIndex(of: UInt8(ascii: ">")))
        #expect(DeviceFormats.completeness(of: whole) == .complete)
        for count in 1...end {
            let cut = DeviceDocument(bytes: whole.bytes[..<count], name: name)
            #expect(failure(of: cut)?.code == .truncated, "cut after \(count) bytes")
            #expect(DeviceFormats.completeness(of: cut) == .incomplete, "cut after \(count) bytes")
        }
    }

    @Test(arguments: Fixture.results + ["request_6302.gdt", "patient_6301.gdt"])
    func `a cut record is truncated and incomplete until it is as long as it says`(
        name: String
    ) throws {
        let whole = try Fixture.document("GDT", name)
        #expect(failure(of: whole) == nil)
        #expect(DeviceFormats.completeness(of: whole) == .complete)
        for count in 1..<whole.bytes.count {
            let cut = DeviceDocument(bytes: whole.bytes[..<count], name: name)
            #expect(failure(of: cut)?.code == .truncated, "cut after \(count) bytes")
            #expect(DeviceFormats.completeness(of: cut) == .incomplete, "cut after \(count) bytes")
        }
    }

    @Test(arguments: ["ascii", "utf16"])
    func `a cut exam file is complete only when every announced key has come`(
        encoding: String
    ) throws {
        for name in Fixture.exams {
            let whole = try Fixture.document("Visionix/\(encoding)", name)
            #expect(DeviceFormats.completeness(of: whole) == .complete)
            for count in 2..<whole.bytes.count {
                let cut = DeviceDocument(bytes: whole.bytes[..<count], name: name)
                guard DeviceFormats.completeness(of: cut) == .complete else { continue }
                // Only what no exam announces may still follow: the keratoconus index.
                #expect(name.contains("Topo"), "\(name) cut after \(count) bytes")
                #expect(try values(of: cut).count >= values(of: whole).count - 1)
            }
        }
    }

    /// One fixture, named in a failure.
    struct Source: Sendable, CustomTestStringConvertible {
        let folder: String, name: String
        var testDescription: String { "\(folder)/\(name)" }
    }

    /// A value in the reading that it stands in.
    private struct Placed: Hashable {
        let kind: ReadingKind, label: String, value: ReadingValue
    }

    private func values(of document: DeviceDocument) throws -> [Placed] {
        try DeviceFormats.decode(document).readings.flatMap { decoded in
            decoded.reading.values.map {
                Placed(kind: decoded.reading.kind, label: decoded.reading.label, value: $0)
            }
        }
    }
}
