import ArgumentParser
import Foundation
import Shared
import Simulator

/// Plays visits into the shares, as time passes.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Play visits into the devices' shares until stopped.",
        discussion: """
            Give --all, or --device once for each device: \(SimulatedDevice.list). A patient walks \
            from device to device, and each finds the same eyes.
            """
    )

    @Option(help: "Play every device, each into its own folder in this one.")
    var all: String?
    @Option(
        name: .customLong("device"),
        help: ArgumentHelp("Play this device into this folder.", valueName: "device=folder")
    )
    var devices: [DeviceFolder] = []
    @Option(help: "Seconds from the start of one visit to the start of the next.")
    var every = 10.0
    @Option(help: "Stop after so many visits.")
    var visits: Int?
    @Option(help: "Repeat the run that printed this seed.")
    var seed: UInt64?
    @Option(help: "Divide the pauses within a visit by this.")
    var speed = 1.0
    @Option(help: "Of 100 files, how many come in pieces, cut, or under a temporary name.")
    var broken = 0
    @Option(help: "The devices' time zone, such as Europe/Brussels; else this computer's.")
    var zone: String?

    func validate() throws {
        guard !folders.isEmpty else {
            throw ValidationError("Give --all FOLDER, or --device DEVICE=FOLDER.")
        }
        guard every >= 0.001, every <= 86_400, speed >= 0.001, speed <= 100_000 else {
            throw ValidationError("--every takes 0.001 to 86400 seconds, --speed 0.001 to 100000.")
        }
        guard (0...100).contains(broken), visits ?? 0 >= 0 else {
            throw ValidationError("--broken takes 0 to 100, --visits a number from 0 on.")
        }
        guard zone.map({ TimeZone(identifier: $0) != nil }) ?? true else {
            throw ValidationError("--zone takes a name such as Europe/Brussels.")
        }
    }

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 0..<1_000_000)
        let zone = zone.flatMap(TimeZone.init(identifier:)) ?? .current
        Console.say("seed \(seed)")
        let clinic = SimulatedClinic(
            folders: folders,
            seed: seed,
            pace: Pace(every: .seconds(every), speed: speed, brokenPercent: broken),
            deviceTime: { .now(in: zone) },
            report: Self.show
        )
        await withTaskGroup { group in
            group.addTask { try? await clinic.run(visits: visits) }
            group.addTask { await Signals.stopping() }
            await group.next()
            group.cancelAll()
        }
    }

    private var folders: [SimulatedDevice: String] {
        var folders: [SimulatedDevice: String] = [:]
        for device in SimulatedDevice.allCases {
            folders[device] = all.map { "\($0)/\(device.shareName)" }
        }
        for each in devices { folders[each.device] = each.folder }
        return folders
    }

    private static func show(_ event: SimulatedClinic.Event) {
        switch event {
        case .wrote(let file, let device, let manner):
            let path = file.path.joined(separator: "/")
            let size = "\(file.bytes.count) bytes\(manner.note)"
            Console.say("\(device.model) \(path) (\(size))")
        case .failed(let failure, let device):
            Console.warn("\(device.model): \(failure)")
        }
    }
}

extension WritingManner {
    /// What is worth saying about it.
    fileprivate var note: String {
        switch self {
        case .whole: ""
        case .renamed: ", renamed"
        case .pieces(let count, _): ", in \(count) pieces"
        case .cutThenWhole: ", first cut, then whole"
        case .again: ", and once more the same"
        }
    }
}
