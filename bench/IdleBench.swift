import ClinicRig
import Foundation

/// What an Agent costs while nothing happens.
struct IdleBench {
    let clinic: BenchClinic
    let seconds: Int

    func run() async throws -> [Figure] {
        // A fresh process: what an Agent that has just started holds, without a day's heap.
        await clinic.agent.stop()
        let agent = try await clinic.rig.startAgent()
        try await Task.sleep(for: .seconds(10))
        let usage = try ProcessUsage(agent.pid)
        try await Task.sleep(for: .seconds(seconds))
        let later = try ProcessUsage(agent.pid)
        await agent.stop()
        return [
            Figure(
                name: "idle Agent, resident memory",
                value: later.residentMegabytes,
                unit: "MB",
                promise: .atMost(25)
            ),
            Figure(
                name: "idle Agent, processor",
                value: (later.processorSeconds - usage.processorSeconds) / Double(seconds) * 100,
                unit: "%",
                promise: .atMost(0.1)
            ),
        ]
    }
}

/// What a process has used, from /proc.
struct ProcessUsage {
    let residentMegabytes: Double
    /// The highest that the resident memory ever was.
    let highestMegabytes: Double
    let processorSeconds: Double

    init(_ pid: Int32) throws {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let lines = status.split(separator: "\n")
        func megabytes(_ name: String) -> Double {
            let line = lines.first { $0.hasPrefix(name) }
            let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
            return (kilobytes.flatMap { Double($0) } ?? .nan) / 1024
        }
        residentMegabytes = megabytes("VmRSS:")
        highestMegabytes = megabytes("VmHWM:")
        // After the command's name in brackets: fields 14 and 15 are user and system ticks.
        let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        guard let end = stat.lastIndex(of: ")") else { throw RigError("stat of \(pid)") }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        let ticks = fields[11...12].compactMap { Double($0) }.reduce(0, +)
        processorSeconds = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

extension ProcessUsage {
    /// Seconds of a processor that a process and all below it have had.
    static func processorSeconds(ofTree root: Int32) throws -> Double {
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc")
        var children: [Int32: [Int32]] = [:]
        for pid in names.compactMap({ Int32($0) }) {
            // One that has ended meanwhile has no file any more.
            let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            guard let stat, let end = stat.lastIndex(of: ")") else { continue }
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            if let parent = Int32(fields[1]) { children[parent, default: []].append(pid) }
        }
        var (seconds, waiting) = (0.0, [root])
        while let pid = waiting.popLast() {
            seconds += (try? ProcessUsage(pid).processorSeconds) ?? 0
            waiting += children[pid] ?? []
        }
        return seconds
    }
}
