import Foundation
import Shared
import Synchronization
import Testing

@testable import Simulator

@Suite struct WritingTests {
    @Test func `every manner of writing leaves the whole file in the end`() throws {
        let bytes = Array("the whole of a file".utf8)
        let manners: [WritingManner] = [
            .whole, .renamed, .cutThenWhole(pause: .seconds(1)), .pieces(1, pause: .seconds(1)),
            .pieces(4, pause: .seconds(1)), .pieces(50, pause: .seconds(1)),
        ]
        for manner in manners {
            let folder = try TemporaryFolder()
            let share = ShareWriter(root: folder.path)
            let file = SimulatedFile(path: ["a", "b.txt"], bytes: bytes)
            for step in manner.steps(for: bytes) { try share.perform(step, on: file) }
            #expect(try share.read("a/b.txt") == bytes)
            #expect(try share.read("a/b.txt.tmp").isEmpty)
        }
    }

    @Test func `a clinic writes each planned file once and stops by itself`() async throws {
        let folder = try TemporaryFolder()
        let written = Mutex<[String]>([])
        let clinic = SimulatedClinic(
            folders: [
                .l80: "\(folder.path)/l80", .vx100: "\(folder.path)/vx100",
                .cv5000: "\(folder.path)/cv5000",
            ],
            seed: 9,
            pace: Pace(every: .seconds(10), brokenPercent: 50),
            clock: HurriedClock(),
            deviceTime: { SimulatedDocuments.usualStart },
            report: { event in
                guard case .wrote(let file, let device, _) = event else { return }
                let path = ([folder.path, device.rawValue] + file.path).joined(separator: "/")
                #expect(FileManager.default.contents(atPath: path) == Data(file.bytes))
                written.withLock { $0.append(path) }
            }
        )
        try await clinic.run(visits: 100)
        let paths = written.withLock { $0 }
        #expect(paths.count > 500)
        #expect(Set(paths).count == paths.count)
        let index = try ShareWriter(root: "\(folder.path)/l80").read("Index.txt")
        let patients = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/l80")
        #expect(index.starts(with: Array("\(patients.count - 1)\n".utf8)))
    }

    @Test func `a share that cannot be written is reported and the others go on`() async throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(filePath: "\(folder.path)/blocked"))
        let counts = Mutex((failed: 0, wrote: 0))
        let clinic = SimulatedClinic(
            folders: [.l80: "\(folder.path)/blocked", .cv5000: "\(folder.path)/cv5000"],
            seed: 2,
            pace: Pace(every: .seconds(1)),
            clock: HurriedClock(),
            deviceTime: { SimulatedDocuments.usualStart },
            report: { event in
                counts.withLock {
                    if case .failed = event { $0.failed += 1 } else { $0.wrote += 1 }
                }
            }
        )
        try await clinic.run(visits: 20)
        #expect(counts.withLock { $0.failed } > 100)
        #expect(counts.withLock { $0.wrote } > 10)
    }

    @Test func `an index keeps the patients that it has`() {
        var index = ClientIndex(bytes: Array("1\nÇ#X*Ç%X\n".utf8))
        index.insert(SimulatedPatient(index: 0, seed: 1))
        index.insert(SimulatedPatient(index: 0, seed: 1))
        let text = String(decoding: index.bytes, as: UTF8.self)
        #expect(text == "2\nMARTIN#Amelie*MARTIN%Amelie\nÇ#X*Ç%X\n")
    }
}
