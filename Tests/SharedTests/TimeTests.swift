import Shared
import Testing

@Suite struct TimeTests {
    @Test(arguments: ["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"])
    func `a day that exists is read and printed`(text: String) throws {
        #expect(try #require(CalendarDate(text)).description == text)
    }

    @Test(
        arguments: [
            "2023-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-1",
            "26-01-01", "2026/01/01", "2026-01-01 ", "-026-01-01", "２026-01-01", "",
        ]
    )
    func `a day that does not exist, or is written otherwise, is nil`(text: String) {
        #expect(CalendarDate(text) == nil)
    }

    @Test func `days since 1970 count both ways over four centuries`() throws {
        #expect(CalendarDate(daysSince1970: 0).description == "1970-01-01")
        #expect(CalendarDate(daysSince1970: -1).description == "1969-12-31")
        #expect(try #require(CalendarDate("2026-11-20")).daysSince1970 == 20777)
        var previous = CalendarDate(daysSince1970: -80_001)
        for day in -80_000...80_000 {
            let date = CalendarDate(daysSince1970: day)
            #expect(date.daysSince1970 == day && previous < date)
            previous = date
        }
    }

    @Test(arguments: ["2026-11-20T10:14:37", "2026-11-20T10:14:37.218", "2026-11-20T23:59:59.000"])
    func `a local time keeps its milliseconds or their absence`(text: String) throws {
        #expect(try #require(LocalTime(text)).description == text)
    }

    @Test(
        arguments: [
            "2026-11-20", "2026-11-20T10:14", "2026-11-20 10:14:37", "2026-11-20T24:00:00",
            "2026-11-20T10:60:00", "2026-11-20T10:14:60", "2026-11-20T10:14:37.",
            "2026-11-20T10:14:37.1234", "2026-11-20T1:14:37", "2026-11-20T10:14:37Z",
            "2026-11-20T10:14:-7", "2026-11-20T10:14:37.2.1", "2026-11-20TT10:14:37",
        ]
    )
    func `another text is no local time`(text: String) {
        #expect(LocalTime(text) == nil)
    }

    @Test func `one or two decimals of a second are tenths and hundredths`() {
        #expect(LocalTime("2026-11-20T10:14:37.2")?.millisecond == 200)
        #expect(LocalTime("2026-11-20T10:14:37.25")?.millisecond == 250)
    }

    @Test func `an instant counts milliseconds before and after 1970`() throws {
        let instant = try #require(Instant("2026-11-20T09:14:37.218Z"))
        #expect(instant.milliseconds == 1_795_166_077_218)
        #expect(instant.description == "2026-11-20T09:14:37.218Z")
        #expect(Instant(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
        #expect(Instant("2026-11-20T09:14:37.218") == nil)
        let later = instant.advanced(by: .milliseconds(1500))
        #expect(later.duration(since: instant) == .milliseconds(1500))
        #expect(instant < later)
    }

    @Test func `times are text in json`() throws {
        let text = "[\"2026-11-20T09:14:37.218Z\"]"
        let instants = try JSON.decode([Instant].self, from: Array(text.utf8))
        #expect(String(decoding: try JSON.encode(instants), as: UTF8.self) == text)
        #expect(throws: (any Error).self) {
            try JSON.decode([CalendarDate].self, from: Array("[\"2023-02-29\"]".utf8))
        }
        #expect(throws: (any Error).self) {
            try JSON.decode([LocalTime].self, from: Array("[\"10:14\"]".utf8))
        }
    }
}
