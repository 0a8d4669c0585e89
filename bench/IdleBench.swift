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
    let processorSeconds: Double

    init(_ pid: Int32) throws {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let resident = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kilobytes = resident?.split(whereSeparator: \.isWhitespace).dropFirst().first
        residentMegabytes = (kilobytes.flatMap { Double($0) } ?? .nan) / 1024
        // After the command's name in brackets: fields 14 and 15 are user and system ticks.
        let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        guard let end = stat.lastIndex(of: ")") else { throw RigError("stat of \(pid)") }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        let ticks = fields[11...12].compactMap { Double($0) }.reduce(0, +)
        processorSeconds = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
