import Logging
import Synchronization
import Testing

@testable import Systemd

@Suite struct JournalLogHandlerTests {
    /// Keeps what is written.
    private final class Lines: Sendable {
        let lines = Mutex<[String]>([])

        func handler(isJournal: Bool) -> JournalLogHandler {
            JournalLogHandler(label: "hub", isJournal: isJournal) { bytes in
                self.lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            }
        }

        func logger(isJournal: Bool = true) -> Logger {
            var logger = Logger(label: "hub") { _ in self.handler(isJournal: isJournal) }
            logger.logLevel = .trace
            return logger
        }

        var all: [String] { lines.withLock { $0 } }
    }

    @Test(arguments: [
        (Logger.Level.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3),
        (.critical, 2),
    ])
    func `the journal gets the syslog priority`(level: Logger.Level, priority: Int) {
        let lines = Lines()
        lines.logger().log(level: level, "ready")
        #expect(lines.all == ["<\(priority)>hub: ready\n"])
    }

    @Test func `metadata follows as words in a stable order`() {
        let lines = Lines()
        var logger = lines.logger()
        logger[metadataKey: "pid"] = "7"
        logger.info("started", metadata: ["agent": "a1", "cause": "two words", "empty": ""])
        #expect(
            lines.all == ["<6>hub: started agent=a1 cause=\"two words\" empty=\"\" pid=7\n"]
        )
    }

    @Test func `nothing in a message begins a new line or steers the terminal`() {
        let lines = Lines()
        lines.logger().info(
            "a\nb\r\tc\u{1b}[31m\u{202e}",
            metadata: ["k": "x\n<0>y \"z\"", "w": "\u{2028}"]
        )
        #expect(
            lines.all == [
                #"<6>hub: a\nb\r\tc\u{1b}[31m\u{202e} k="x\n<0>y \"z\"" w=\u{2028}"# + "\n"
            ]
        )
    }

    @Test func `at a terminal a line begins with the time and the level`() throws {
        let lines = Lines()
        lines.logger(isJournal: false).warning("slow")
        let line = try #require(lines.all.first)
        #expect(line.wholeMatch(of: /\d\d:\d\d:\d\d warning hub: slow\n/) != nil)
    }

    @Test func `a line has a greatest length`() {
        let lines = Lines()
        lines.logger().info("\(String(repeating: "x", count: 100_000))")
        #expect(lines.all.first?.utf8.count == JournalLogHandler.maximumBytes + 1)
    }

    @Test func `an error is named by its type, never by what it says`() {
        struct Talkative: Error, CustomStringConvertible { var description: String { "Ada" } }
        let lines = Lines()
        var handler = lines.handler(isJournal: true)
        handler.logLevel = .trace
        handler.log(
            event: LogEvent(
                level: .error,
                message: "failed",
                error: Talkative(),
                metadata: nil,
                source: "s",
                file: "f",
                function: "g",
                line: 1
            )
        )
        #expect(lines.all == ["<3>hub: failed error=Talkative\n"])
    }
}
