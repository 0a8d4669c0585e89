/// Text of a stream of server-sent events (HTML standard, section 9.2).
struct EventText: Sendable, Equatable {
    let text: String

    /// An event; line ends in `data` become several lines of data.
    init(_ name: String, id: Int64? = nil, data: String) {
        var text = id.map { "id: \($0)\n" } ?? ""
        text += "event: \(name)\n"
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            text += "data: \(line)\n"
        }
        self.text = text + "\n"
    }

    /// A comment that keeps the connection and any proxy awake, and how soon to come back.
    static let beat = EventText(raw: ": beat\n\n")
    static let start = EventText(raw: "retry: 2000\n: reading\n\n")

    private init(raw: String) { text = raw }
}
