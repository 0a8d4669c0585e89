import BelgianEID
import CardKit
import Shared

/// Input: a byte that chooses the card, a byte that says what is played, then what is wrong.
///
/// Played is a conversation, in which answers are replaced: the command's number, the count of bytes,
/// the bytes. Or the files are read at once, after edits: the file, the place as two bytes, what is
/// done there (0 writes over, 1 inserts, 2 cuts off), the count of bytes, the bytes.
enum CardFuzz {
    private static let cards = TestApplet.Version.allCases.map { version in
        guard let card = try? TestCard(applet: version) else {
            preconditionFailure("no test card of \(version)")
        }
        return card
    }

    static func take(_ input: [UInt8]) {
        var rest = input[...]
        guard let choice = rest.popFirst(), let play = rest.popFirst() else { return }
        let card = cards[Int(choice) % cards.count]
        if play & 1 == 0 {
            talk(to: card, play >> 1, &rest)
        } else {
            edit(card, &rest)
        }
    }

    private static func talk(to card: TestCard, _ play: UInt8, _ rest: inout ArraySlice<UInt8>) {
        var applet = TestApplet(card)
        applet.ending = TestApplet.Ending.allCases[Int(play & 3)]
        applet.knowsPaths = play & 4 == 0
        applet.knowsItsName = play & 8 == 0
        while let command = rest.popFirst(), let count = rest.popFirst() {
            applet.disturbances[Int(command)] = Array(rest.prefix(Int(count)))
            rest = rest.dropFirst(Int(count))
        }
        let reading = TestReading(&applet, answerToReset: card.applet.answerToReset)
        precondition(
            reading.conversation.commands <= CardConversation.maximumCommands,
            "a conversation without end"
        )
        precondition(
            reading.files.values.allSatisfy { $0.count <= 32 * 1024 },
            "a file of more than 32 KiB"
        )
        report(on: reading.contents, of: card, reading.files)
    }

    private static func edit(_ card: TestCard, _ rest: inout ArraySlice<UInt8>) {
        var files = Dictionary(
            uniqueKeysWithValues: CardFile.allCases.map { file in
                (file, card.contents([file])[file].map { Array($0) } ?? [])
            }
        )
        while rest.count >= 5 {
            let head = rest.prefix(5).map(Int.init)
            let bytes = rest.dropFirst(5).prefix(head[4])
            rest = rest.dropFirst(5 + head[4])
            let file = CardFile.allCases[head[0] % CardFile.allCases.count]
            var content = files[file] ?? []
            let place = min(head[1] << 8 | head[2], content.count)
            switch head[3] % 3 {
            case 0:
                let end = min(place + bytes.count, content.count)
                content.replaceSubrange(place..<end, with: bytes)
            case 1: content.insert(contentsOf: bytes, at: place)
            default: content.removeSubrange(place...)
            }
            files[file] = content
        }
        var contents = CardContents()
        for (file, bytes) in files { contents[file] = SecretBytes(bytes) }
        report(on: contents, of: card, files)
    }

    /// Nobody but the Register can sign: what counts as proved is what the card was issued with.
    private static func report(
        on contents: CardContents,
        of card: TestCard,
        _ files: [CardFile: [UInt8]]
    ) {
        guard let roots = try? card.roots, let today = CalendarDate("2026-11-29") else {
            preconditionFailure("no root, or no day")
        }
        let report = CardReport(
            contents,
            roots: roots,
            today: today,
            now: Instant(milliseconds: 1_795_000_000_000)
        )
        if report.isIdentityProved {
            precondition(files[.identity] == card.files[.identity], "an identity nobody signed")
        }
        if report.isAddressProved {
            precondition(
                trimmed(files[.address]) == trimmed(card.files[.address]),
                "an address nobody signed"
            )
        }
        if let photo = report.photo {
            precondition(
                files[.photo] == card.files[.photo] || !report.isIdentityProved,
                "a photo of \(photo) that nobody signed"
            )
        }
    }

    /// What the address's signature covers.
    private static func trimmed(_ bytes: [UInt8]?) -> ArraySlice<UInt8> {
        guard let bytes, let last = bytes.lastIndex(where: { $0 != 0 }) else { return [] }
        return bytes[...last]
    }
}
