import ArgumentParser
import Simulator

/// Plays a device on a serial line.
struct SerialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serial",
        abstract: "Play a device on a serial line that this program makes.",
        discussion: """
            Makes a pseudo-terminal, prints its path, and sends one transmission after the other \
            until stopped. Nothing has to be plugged in: give the Agent the path, or the link, as \
            a port.
            """
    )

    @Option(help: ArgumentHelp(SerialDevice.allCases.map(\.rawValue).joined(separator: ", ")))
    var device: SerialDevice
    @Option(help: "A name that points to the pseudo-terminal, such as /tmp/lensmeter.")
    var link: String?
    @Option(name: .customLong("pty"), help: "Send on this terminal instead of making one.")
    var port: String?
    @Option(help: "Seconds between two transmissions.")
    var every = 5.0
    @Option(help: "Stop after so many patients.")
    var count: Int?
    @Option(help: "Another seed gives other patients and values.")
    var seed: UInt64 = 1
    @Flag(help: "Send the bytes one, two or five at a time.")
    var split = false
    @Option(help: "Of 100 transmissions, how many come behind meaningless bytes.")
    var noise = 0
    @Option(help: "Of 100 transmissions, how many end too early.")
    var cut = 0
    @Option(name: .customLong("repeat"), help: "Of 100 transmissions, how many are sent twice.")
    var repeated = 0
    @Option(help: "Send what a line set to this speed would hear, such as 2400.")
    var wrongBaud: Int?

    func validate() throws {
        guard every >= 0.001, every <= 86_400, count ?? 1 >= 1 else {
            throw ValidationError("--every takes 0.001 to 86400 seconds, --count 1 and more.")
        }
        guard [noise, cut, repeated].allSatisfy((0...100).contains) else {
            throw ValidationError("--noise, --cut and --repeat take 0 to 100.")
        }
        guard (300...115_200).contains(wrongBaud ?? 9600) else {
            throw ValidationError("--wrong-baud takes 300 to 115200.")
        }
        guard link == nil || port == nil else {
            throw ValidationError("--link names a terminal that is made, --pty one that is there.")
        }
    }

    func run() async throws {
        let terminal =
            try port.map { port throws(SimulatorFailure) in
                try PseudoTerminal(port: port)
            } ?? PseudoTerminal(link: link)
        Console.say(link ?? terminal.path)
        await withTaskGroup { group in
            group.addTask {
                do {
                    try await play(on: terminal)
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

    private func play(on terminal: PseudoTerminal) async throws {
        let player = SerialPlayer(port: terminal)
        let habits = SerialHabits(
            splits: split,
            noisePercent: noise,
            cutPercent: cut,
            repeatPercent: repeated,
            heardAt: wrongBaud
        )
        for number in 0..<(count ?? .max) {
            if number > 0 { try await Task.sleep(for: .seconds(every)) }
            let visit = SimulatedVisit(
                number: number,
                start: SimulatedDocuments.usualStart,
                seed: seed
            )
            let all = SerialTransmission.all(of: visit, from: device, habits: habits)
            for transmission in all {
                let outcome = try await player.play(transmission)
                let size = "\(transmission.bytes.count) bytes"
                Console.say("\(device.model) \(number + 1) \(size), \(outcome)")
            }
        }
    }
}

extension SerialDevice: ExpressibleByArgument {}
