import Glibc
import ServiceLifecycle

/// Hands the pages of code that are not in use back to the system, now and then.
///
/// A static binary maps tens of megabytes of code, and whatever ran once stays counted as the
/// Agent's: the start, the first scan, a session with the Hub. Code is never written to, so a page
/// that is wanted again comes back from the file.
struct CodeMemory: Service {
    /// How soon after the start, and how often: a session comes once a minute, and what it alone
    /// needs is not kept until the next one.
    private static let interval = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil { Self.handBack() }
        }
    }

    /// Drops the resident pages of code, of the program and of the libraries that it loads.
    static func handBack() {
        guard let maps = fopen("/proc/self/maps", "re") else { return }
        defer { fclose(maps) }
        var line = [CChar](repeating: 0, count: 1024)
        while fgets(&line, Int32(line.count), maps) != nil {
            // Most lines are none of code, and are not worth a string.
            guard strstr(line, " r-xp ") != nil else { continue }
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            guard let range = codeRange(text) else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: range.start), range.count, MADV_DONTNEED)
        }
    }

    /// The addresses of a line of `maps` that is executable, never written to, and of a file.
    ///
    /// Data that is read-only now may have been written to when the program was loaded: such pages
    /// would not come back.
    static func codeRange(_ line: String) -> (start: UInt, count: Int)? {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
        let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        return (ends[0], Int(ends[1] - ends[0]))
    }
}
