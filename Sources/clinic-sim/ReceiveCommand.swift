import ArgumentParser
import Foundation
import Shared
import Simulator

/// Plays a device that is told who comes next.
struct ReceiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receive",
        abstract: "Take the patients that are sent to a device, and measure them.",
        discussion: """
            A VX100 or VX120 takes the files of its waiting list, in the exact form that the \
            devices take; an L80 the patients of its Index.txt that have a folder and no visit; a \
            CV-5000 the JOIA file of its import folder, whose data it echoes. What it would not \
            take is named and left where it is.
            """
    )

    @Option(help: ArgumentHelp(ReceivingDevice.devices.map(\.rawValue).joined(separator: ", ")))
    var device: SimulatedDevice
    @Option(help: "The waiting list or import folder; for an L80 its ClientDB.")
    var inbox: String
    @Option(help: "Where the results go; for an L80 the same.")
    var share: String?
    @Option(help: "Seconds between two looks.")
    var every = 1.0
    @Flag(help: "Let an L80 write patients of its own into its index as well.")
    var ownPatients = false
    @Option(help: "The device's time zone, such as Europe/Brussels; else this computer's.")
    var zone: String?

    func validate() throws {
        guard ReceivingDevice.devices.contains(device) else {
            throw ValidationError("Nobody can tell a \(device.model) who comes next.")
        }
        guard device == .l80 || share != nil else { throw ValidationError("Give --share.") }
        guard (0.01...3600).contains(every) else {
            throw ValidationError("--every takes 0.01 to 3600 seconds.")
        }
        guard zone.map({ TimeZone(identifier: $0) != nil }) ?? true else {
            throw ValidationError("--zone takes a name such as Europe/Brussels.")
        }
    }

    func run() async throws {
        await withTaskGroup { group in
            group.addTask {
                do {
                    try await receive()
                } catch is CancellationError {
                    return
                } catch {
                    Console.warn("\(device.model): \(error)")
                }
            }
            group.addTask { await Signals.stopping() }
            await group.next()
            group.cancelAll()
        }
    }

    private func receive() async throws {
        let zone = zone.flatMap(TimeZone.init(identifier:)) ?? .current
        var receiving = ReceivingDevice(device: device, inbox: inbox, share: share ?? inbox)
        for number in 0..<Int.max {
            if ownPatients, number % 10 == 5 {
                try receiving.register(SimulatedPatient(index: number % 1000, seed: 1))
            }
            for event in try receiving.look(at: .now(in: zone)) {
                switch event {
                case .measured(_, let name, let files):
                    Console.say("\(device.model) took \(name): \(files.count) files")
                case .refused(let name, let refusal):
                    Console.warn("\(device.model) refuses \(name): \(refusal)")
                }
            }
            try await Task.sleep(for: .seconds(every))
        }
    }
}

extension LocalTime {
    /// What a clock in `zone` shows.
    static func now(in zone: TimeZone) -> LocalTime {
        let now = WallClock.system.now().milliseconds
        let date = Date(timeIntervalSince1970: Double(now) / 1000)
        return LocalTime(millisecondsAsUTC: now + Int64(zone.secondsFromGMT(for: date)) * 1000)
    }
}
