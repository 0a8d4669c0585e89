import Shared
import Sync

/// A device in words.
enum DeviceWords {
    /// The name that people gave it, else the best that the system says.
    static func name(_ record: DeviceRecord) -> String {
        record.setting.name ?? unnamed(record)
    }

    /// What the system calls it: the source's name, the label, the adapter's title.
    static func unnamed(_ record: DeviceRecord) -> String {
        guard let fact = record.fact else { return record.key }
        if record.key.hasPrefix("source:") { return String(record.key.dropFirst(7)) }
        if fact.attachment == .media, let label = fact.adapter.label { return label }
        return fact.adapter.title ?? fact.adapter.label ?? record.key
    }

    /// How it is attached: `Folder`, `Serial adapter`.
    static func attachment(_ fact: DeviceFact) -> String {
        switch fact.attachment {
        case .folder: "Folder"
        case .serial: "Serial adapter"
        case .media: "Stick or disk"
        case .cardReader: "Card reader"
        }
    }

    /// Where it is attached, in the one detail that helps most to find it; nil where unknown.
    static func place(_ fact: DeviceFact) -> String? {
        let adapter = fact.adapter
        return switch fact.attachment {
        case .folder: adapter.mountPath
        case .media: adapter.mountPath ?? adapter.label.map { "label \($0)" }
        case .serial, .cardReader: adapter.serial.map { "number \($0)" } ?? adapter.portPath
        }
    }

    /// Everything that the system says of the adapter.
    static func facts(_ fact: DeviceFact) -> [ReadingPage.Fact] {
        let adapter = fact.adapter
        let ids = [adapter.vendor, adapter.product].compactMap { $0 }.joined(separator: ":")
        return [
            ("Attached as", attachment(fact)), ("Adapter", adapter.title),
            ("Vendor and product", ids), ("Serial number", adapter.serial),
            ("Port", adapter.portPath), ("Label", adapter.label),
            ("Mounted at", adapter.mountPath), ("Driver", fact.driver ?? "none"),
        ].compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : ReadingPage.Fact(name: name, value: $0) }
        }
    }

    /// A card without its holder: `genuine, applet 1.8`; nil where nothing is left to say.
    ///
    /// With `marksTests` the mark of a test card stands beside.
    static func card(_ card: DeviceRecord.LastCard, marksTests: Bool) -> String? {
        let words = CardSentence(card.outcome, invalid: [], acceptsTestCards: false)
        let word = marksTests && card.outcome == .testCard ? nil : words.word.lowercased()
        let parts = [word, card.applet.map { "applet \($0)" }].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// A command's kind as a person asks for it; nil for one that this Hub does not know.
    static func command(_ kind: String) -> (name: String, effect: String)? {
        switch Command.Kind(rawValue: kind) {
        case .visionixWaitingList?:
            (
                "Patient to its waiting list",
                "A file with name, birth date and sex goes into the folder of a VX100 or VX120."
            )
        case .visionixIndex?:
            (
                "Patient to its index",
                "The PC adds the patient's folder and line to the L80's own list of patients."
            )
        case .phoropterImport?:
            (
                "Patient with earlier refractions",
                "The last autorefraction, spectacles and prescription go into a CV-5000's folder."
            )
        case nil: nil
        }
    }

    /// `+3 min`, `−2 h`, or that it is right.
    static func drift(_ drift: Duration) -> (text: String, isRight: Bool) {
        let seconds = drift.wholeMilliseconds / 1000
        guard seconds.magnitude >= 120 else { return ("right", true) }
        let sign = seconds < 0 ? "\u{2212}" : "+"
        return ("\(sign)\(shortSpan(.seconds(Int64(clamping: seconds.magnitude))))", false)
    }
}
