import ArgumentParser
import Foundation

/// A share that comes and goes.
struct ShareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Let a device's share come and go, as on a network that fails.",
        discussion: """
            As root the folder is mounted at --at and unmounted again, so that who watches sees \
            the mount table change; as another user --at is a link that comes and goes. It is \
            there in the end.
            """
    )

    @Option(help: "The folder that the device writes into.")
    var folder: String
    @Option(help: "Where the share is seen; it must not exist, or be an empty folder.")
    var at: String
    @Option(help: "Seconds for which it is there.")
    var up = 10.0
    @Option(help: "Seconds for which it is away.")
    var down = 5.0
    @Option(help: "Stop after it has been away so often.")
    var flaps: Int?

    func validate() throws {
        guard [up, down].allSatisfy({ (0.01...86_400).contains($0) }), flaps ?? 0 >= 0 else {
            throw ValidationError("--up and --down take 0.01 to 86400 seconds.")
        }
    }

    func run() async throws {
        let share = Share(folder: folder, place: at)
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        try share.appear()
        Console.say("up")
        await withTaskGroup { group in
            group.addTask {
                do {
                    for _ in 0..<(flaps ?? .max) {
                        try await Task.sleep(for: .seconds(up))
                        try share.vanish()
                        Console.say("down")
                        try? await Task.sleep(for: .seconds(down))
                        try share.appear()
                        Console.say("up")
                    }
                } catch is CancellationError {
                    return
                } catch {
                    Console.warn("\(error)")
                }
            }
            group.addTask { await Signals.stopping() }
            await group.next()
            group.cancelAll()
        }
    }

    /// A folder, and the place at which it is seen or not.
    private struct Share {
        let folder: String
        let place: String
        private let mounts = getuid() == 0

        init(folder: String, place: String) {
            self.folder = URL(filePath: folder).path
            self.place = place
        }

        func appear() throws {
            guard mounts else {
                try FileManager.default.createSymbolicLink(
                    atPath: place,
                    withDestinationPath: folder
                )
                return
            }
            try FileManager.default.createDirectory(
                atPath: place,
                withIntermediateDirectories: true
            )
            try Tool.run("mount", ["--bind", folder, place])
        }

        /// Also where a file is open on it.
        func vanish() throws {
            guard mounts else { return try FileManager.default.removeItem(atPath: place) }
            try Tool.run("umount", ["--lazy", place])
        }
    }
}
