import ArgumentParser
import Foundation
import Simulator

/// Fills a USB stick.
struct StickCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stick",
        abstract: "Write the image of a USB stick with files of several devices and much else.",
        discussion: """
            The image is a FAT file system, as sticks have; it needs mkfs.vfat and mcopy. It is \
            mounted with: mount -o loop,ro OUT FOLDER
            """
    )

    @Argument(help: "The image; with --folder a folder.")
    var out: String
    @Option(help: "How many visits; each was led to two devices.")
    var visits = 20
    @Flag(help: "Write a folder and no image.")
    var folder = false
    @Option(help: "The stick's name: at most 11 letters and digits.")
    var label = "CLINICSTICK"
    @Option(help: "Another seed gives other patients and values.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (0...SimulatedStick.maximumVisits).contains(visits) else {
            throw ValidationError("--visits takes 0 to \(SimulatedStick.maximumVisits).")
        }
        guard (1...11).contains(label.utf8.count),
            label.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) })
        else { throw ValidationError("--label takes up to 11 capital letters and digits.") }
    }

    func run() throws {
        let stick = SimulatedStick(visits: visits, seed: seed)
        if folder {
            print("\(try stick.write(into: out)) files of devices in \(out)")
            return
        }
        let files = FileManager.default
        let stage = out + ".folder"
        defer { try? files.removeItem(atPath: stage) }
        let count = try stick.write(into: stage)
        try? files.removeItem(atPath: out)
        let size = try kilobytes(below: stage)
        try Tool.run("mkfs.vfat", ["-C", "-n", label, out, "\(size)"])
        let entries = try files.contentsOfDirectory(atPath: stage).map { "\(stage)/\($0)" }
        // -s takes folders along, -m keeps times, and :: is the image's root.
        try Tool.run("mcopy", ["-s", "-m", "-i", out] + entries + ["::"])
        print("\(count) files of devices in \(out)")
    }

    /// Room for every file in whole clusters, its folder, and the file system's own tables.
    private func kilobytes(below folder: String) throws -> Int {
        let files = FileManager.default
        let clusters = try files.subpathsOfDirectory(atPath: folder).reduce(0) { sum, path in
            let size = try files.attributesOfItem(atPath: "\(folder)/\(path)")[.size] as? Int
            return sum + (size ?? 0) / 4096 + 2
        }
        return max(16_384, clusters * 4 * 5 / 4)
    }
}
