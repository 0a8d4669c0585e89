import Foundation

/// Another program that does a part of the work.
enum Tool {
    /// Runs it; throws with what it said where it fails or is not installed.
    static func run(_ name: String, _ arguments: [String]) throws {
        let process = Process()
        let errors = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        // Debian keeps the makers of file systems where only root looks.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        ) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(name): \(String(decoding: said, as: UTF8.self))")
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
