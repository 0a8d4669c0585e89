import Shared

/// A USB stick that has been carried between devices for months: their files, and everything else
/// that people put on sticks.
package struct SimulatedStick: Sendable {
    private let visits: Int
    private let seed: UInt64

    /// `visits` patients, each of whom was led to two devices.
    package init(visits: Int, seed: UInt64) {
        precondition((0...Self.maximumVisits).contains(visits), "a stick has its size")
        self.visits = visits
        self.seed = seed
    }

    package static let maximumVisits = 100_000

    /// What the devices left, in the order of the visits.
    package var documents: some Sequence<SimulatedFile> {
        (0..<visits).lazy.flatMap { number in
            let milliseconds = SimulatedDocuments.usualStart.millisecondsAsUTC
            let visit = SimulatedVisit(
                number: number,
                start: LocalTime(millisecondsAsUTC: milliseconds + Int64(number) * 90_000),
                seed: seed
            )
            return Self.route(number).flatMap { device in
                visit.files(from: device).map { Self.placed($0, device) }
            }
        }
    }

    /// What has nothing to do with any device.
    package var others: [SimulatedFile] {
        var random = SeededGenerator(seed: seed, path: [8])
        func noise(_ head: [UInt8], _ count: Int) -> [UInt8] {
            head + (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        }
        return [
            (["DCIM", "100CANON", "IMG_0001.JPG"], noise([0xFF, 0xD8, 0xFF, 0xE0], 60_000)),
            (["DCIM", "100CANON", "IMG_0002.JPG"], noise([0xFF, 0xD8, 0xFF, 0xE0], 45_000)),
            (["Invoice 2026-07.pdf"], noise(Array("%PDF-1.7\n".utf8), 20_000)),
            (["holiday.txt"], Array("Sun cream, hats, the green towel.\r\n".utf8)),
            (["feed.xml"], Array("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"></rss>\n".utf8)),
            (["settings.ini"], Array("[General]\r\nLanguage=nl\r\n".utf8)),
            (["Setup.exe"], noise(Array("MZ".utf8), 90_000)),
            (["~$list.docx"], noise([], 162)),
            (["empty.xml"], []),
            (["TOPCON", "report.xsl"], Array("<xsl:stylesheet/>\n".utf8)),
            (["ClientDB", "Thumbs.db"], noise([0xD0, 0xCF, 0x11, 0xE0], 5000)),
            (["System Volume Information", "IndexerVolumeGuid"], noise([], 76)),
        ].map { SimulatedFile(path: $0.0, bytes: $0.1) }
    }

    /// Writes everything below `folder`; answers how many of the files are devices'.
    package func write(into folder: String) throws(SimulatorFailure) -> Int {
        let share = ShareWriter(root: folder)
        for file in others { try share.write(file) }
        var count = 0
        for file in documents {
            try share.write(file)
            count += 1
        }
        return count
    }

    private static func route(_ number: Int) -> [SimulatedDevice] {
        switch number % 5 {
        case 0: [.l80, .cv5000]
        case 1: [.kr800s, .cv5000]
        case 2: [.vx120Export, .ct1p]
        case 3: [.cl300, .cv5000]
        default: [.vx40, .trk2p]
        }
    }

    private static func placed(
        _ file: SimulatedFile,
        _ device: SimulatedDevice
    ) -> SimulatedFile {
        let folder: [String] =
            switch device {
            case .l80, .vx100, .vx120: ["ClientDB"]
            case .vx120Export, .vx40: ["EXPORT"]
            case .gdt: ["GDT"]
            default: ["TOPCON", device.model]
            }
        return SimulatedFile(path: folder + file.path, bytes: file.bytes)
    }
}
