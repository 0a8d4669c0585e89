import Testing

@testable import Hub

struct EventTextTests {
    @Test func `an event is its identifier, its name and one line of data per line`() {
        let event = EventText("reading", id: 7, data: "<tr>\r\n<td>\nx</td>\n</tr>\n")
        #expect(
            event.text
                == "id: 7\nevent: reading\ndata: <tr>\ndata: <td>\ndata: x</td>\ndata: </tr>\ndata: \n\n"
        )
    }

    @Test func `data cannot end the event or begin another one`() {
        let event = EventText("reading", data: "a\n\nevent: end\n\n\u{2028}b\rc")
        #expect(!event.text.dropLast().contains("\n\n"))
        #expect(event.text.split(separator: "\n").filter { $0.hasPrefix("event:") }.count == 1)
    }
}
