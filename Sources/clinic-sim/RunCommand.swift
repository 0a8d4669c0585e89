import ArgumentParser
import Foundation
import Shared
import Simulator

/// Plays visits into the shares, as time passes.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Play visits into the devices' shares until stopped.",
        discussion: "At least one of --l80, --vx100 and --cv5000 is needed."
    )

    @Option(name: .customLong("l80"), help: "The ClientDB folder of a Visionix L80.")
    var visionixL80: String?
    @Option(name: .customLong("vx100"), help: "The ClientDB folder of a Visionix VX100.")
    var visionixVX100: String?
    @Option(name: .customLong("cv5000"), help: "The export folder of a Topcon CV-5000.")
    var topconCV5000: String?
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
            throw ValidationError("Give at least one of --l80, --vx100 and --cv5000.")
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
        Self.say("seed \(seed)", on: .standardOutput)
        let clinic = SimulatedClinic(
            folders: folders,
            seed: seed,
            pace: Pace(every: .seconds(every), speed: speed, brokenPercent: broken),
            deviceTime: { Self.localTime(in: zone) },
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
        [.l80: visionixL80, .vx100: visionixVX100, .cv5000: topconCV5000].compactMapValues { $0 }
    }

    private static func localTime(in zone: TimeZone) -> LocalTime {
        let now = WallClock.system.now().milliseconds
        let date = Date(timeIntervalSince1970: Double(now) / 1000)
        return LocalTime(millisecondsAsUTC: now + Int64(zone.secondsFromGMT(for: date)) * 1000)
    }

    private static func show(_ event: SimulatedClinic.Event) {
        switch event {
        case .wrote(let file, let device, let manner):
            let path = file.path.joined(separator: "/")
            let size = "\(file.bytes.count) bytes\(manner.note)"
            say("\(device.model) \(path) (\(size))", on: .standardOutput)
        case .failed(let failure, let device):
            say("\(device.model): \(failure)", on: .standardError)
        }
    }

    /// One line, at once: a log that is looked at now shows what has happened until now.
    private static func say(_ line: String, on output: FileHandle) {
        output.write(Data("\(line)\n".utf8))
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
        }
    }
}
