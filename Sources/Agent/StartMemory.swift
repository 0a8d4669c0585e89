import Glibc
import ServiceLifecycle

/// Hands the pages of code that only the start needed back to the system, now and then.
///
/// A static binary maps tens of megabytes of code, and whatever ran once stays counted as the
/// Agent's. Code is never written to, so a page that is wanted again comes back from the file.
struct StartMemory: Service {
    /// When the start is over, and how often afterwards: the first scan is another kind of start.
    private static let first = Duration.seconds(5)
    private static let interval = Duration.seconds(300)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Self.first
            while (try? await Task.sleep(for: pause)) != nil {
                Self.handBack()
                pause = Self.interval
            }
        }
    }

    /// Drops the resident pages of the program's own code.
    static func handBack() {
        guard let maps = fopen("/proc/self/maps", "re"),
            let program = realpath("/proc/self/exe", nil)
        else { return }
        defer {
            fclose(maps)
            free(program)
        }
        let path = String(cString: program)
        var line = [CChar](repeating: 0, count: 1024)
        while fgets(&line, Int32(line.count), maps) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            if let range = codeRange(text, of: path) {
                madvise(
                    UnsafeMutableRawPointer(bitPattern: range.start),
                    range.count,
                    MADV_DONTNEED
                )
            }
        }
    }

    /// The addresses of a line of `maps` that is executable, read-only and of this program.
    static func codeRange(_ line: String, of path: String) -> (start: UInt, count: Int)? {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count >= 6, fields[1] == "r-xp", fields[5] == path else { return nil }
        let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        return (ends[0], Int(ends[1] - ends[0]))
    }
}
