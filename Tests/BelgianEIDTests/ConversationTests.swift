import BelgianEID
import CardKit
import Shared
import Testing

@Suite struct ConversationTests {
    @Test(arguments: TestApplet.Version.allCases, TestApplet.Ending.allCases)
    func `every applet is read whole, however it shows the end of a file`(
        version: TestApplet.Version,
        ending: TestApplet.Ending
    ) throws {
        let card = try TestCard(applet: version)
        var applet = TestApplet(card)
        applet.ending = ending
        let reading = TestReading(&applet, answerToReset: version.answerToReset)
        #expect(reading.failure == nil && reading.resets == 0)
        #expect(reading.order == CardFile.allCases)
        for file in CardFile.allCases {
            let wanted: [UInt8]? =
                switch file {
                case .rootCertificate: card.authority.rootCertificate
                case .registerCertificate: card.authority.registerCertificate
                default: card.files[file]
                }
            #expect(reading.files[file] == wanted)
        }
        let number = "1.\(version.rawValue & 15)"
        #expect(reading.conversation.version?.description == number)
    }

    @Test(arguments: [0, 1, 251, 252, 253, 504, 505, 1000], TestApplet.Ending.allCases)
    func `a file of any length is read whole`(length: Int, ending: TestApplet.Ending) throws {
        var card = try TestCard()
        let photo = (0..<length).map { UInt8(truncatingIfNeeded: $0 % 255 + 1) }
        card.replace(.photo, with: photo)
        var applet = TestApplet(card)
        applet.ending = ending
        #expect(TestReading(&applet, files: [.photo]).files[.photo] == photo)
    }

    @Test func `a certificate's padding is not read`() throws {
        let card = try TestCard()
        var applet = TestApplet(card)
        let reading = TestReading(&applet, files: [.registerCertificate])
        let chunks = (card.authority.registerCertificate.count + 251) / 252
        // The applet, its version, the file, and its chunks.
        #expect(reading.conversation.commands == 3 + chunks)
    }

    @Test(arguments: [true, false])
    func `an applet without paths is walked step by step`(knowsItsName: Bool) throws {
        var applet = TestApplet(try TestCard(applet: .applet10))
        applet.knowsPaths = false
        applet.knowsItsName = knowsItsName
        let reading = TestReading(&applet, answerToReset: TestApplet.Version.applet10.answerToReset)
        #expect(reading.failure == nil && reading.order == CardFile.allCases)
    }

    @Test func `old cards get time before they are asked again, new ones need none`() throws {
        let wanted: [(TestApplet.Version, Set<Int>)] = [
            (.applet18, []), (.applet17, [10]), (.applet11, [10]), (.applet10, [50]),
        ]
        for (version, pauses) in wanted {
            var applet = TestApplet(try TestCard(applet: version))
            let reading = TestReading(&applet, answerToReset: version.answerToReset)
            #expect(Set(reading.pauses) == pauses)
        }
    }

    @Test func `another program's applet is left for ours, at any command`() throws {
        let card = try TestCard()
        var whole = TestApplet(card)
        let commands = TestReading(&whole).conversation.commands
        for number in 1...commands {
            var applet = TestApplet(card)
            applet.disturbances = [number: [0x6D, 0]]
            let reading = TestReading(&applet)
            #expect(reading.failure == nil && reading.files[.identity] == card.files[.identity])
            #expect(reading.resets == 0)
        }
    }

    @Test func `a chip that fails is reset, twice at most`() throws {
        var applet = TestApplet(try TestCard())
        applet.disturbances = [3: [0x65, 0x81]]
        let mended = TestReading(&applet)
        #expect(mended.failure == nil && mended.resets == 1)
        var broken = TestApplet(try TestCard())
        for number in 3...100 { broken.disturbances[number] = [0x65, 0x81] }
        let failed = TestReading(&broken)
        #expect(failed.failure == .refused(.identity, StatusWord(0x6581)) && failed.resets == 2)
    }

    @Test func `a reset by others begins the file anew, and not for ever`() throws {
        var conversation = CardConversation(
            files: [.identity],
            answerToReset: TestApplet.Version.applet18.answerToReset
        )
        _ = conversation.next()
        for _ in 1...CardConversation.maximumRestarts {
            guard case .transmit = conversation.cardWasReset() else {
                Issue.record("it goes on")
                return
            }
        }
        #expect(conversation.cardWasReset() == .failed(.unsteady))
        #expect(conversation.next() == .finished)
    }

    @Test func `a foreign card is asked once where it is unknown, and never for long`() throws {
        for answer: [UInt8] in [[0x6D, 0], [0x6A, 0x82], [0x6E, 0], [0x67, 0]] {
            var foreign = TestApplet(try TestCard())
            for number in 1...50 { foreign.disturbances[number] = answer }
            let unknown = TestReading(&foreign, answerToReset: [0x3B, 0x65, 0, 0])
            #expect(unknown.failure == .notBelgianEID && foreign.commands == 1)
            var disguised = TestApplet(try TestCard())
            disguised.disturbances = foreign.disturbances
            let alike = TestReading(&disguised)
            #expect(alike.failure == .notBelgianEID)
            #expect(alike.resets == 0 && disguised.commands <= 10)
        }
    }

    @Test(arguments: [[UInt8](), [0x90]])
    func `an answer without a status ends the conversation`(answer: [UInt8]) throws {
        var applet = TestApplet(try TestCard())
        applet.disturbances = [4: answer]
        #expect(TestReading(&applet).failure == .noAnswer)
    }

    @Test func `what may be missing is missing, and what may not is a failure`() throws {
        var card = try TestCard()
        card.replace(.photo, with: nil)
        card.replace(.addressSignature, with: nil)
        var applet = TestApplet(card)
        let reading = TestReading(&applet)
        #expect(reading.failure == nil && reading.absent == [.addressSignature, .photo])
        card.replace(.identity, with: nil)
        var broken = TestApplet(card)
        #expect(TestReading(&broken).failure == .missing(.identity))
    }

    @Test func `a file without end is given up`() throws {
        var card = try TestCard()
        card.replace(.photo, with: [UInt8](repeating: 7, count: 40_000))
        var applet = TestApplet(card)
        #expect(TestReading(&applet, files: [.photo]).failure == .tooLong(.photo))
    }

    @Test func `a card that names another length for ever is refused`() throws {
        var applet = TestApplet(try TestCard())
        for number in 4...100 { applet.disturbances[number] = [0x6C, 0x10] }
        #expect(TestReading(&applet).failure == .refused(.identity, StatusWord(0x6C10)))
        #expect(applet.commands < 10)
    }

    @Test func `hostile answers never make it endless`() throws {
        var random = SeededRandom(seed: 4)
        for _ in 0..<400 {
            var applet = TestApplet(try TestCard())
            for number in 1...600 where Int.random(in: 0..<3, using: &random) == 0 {
                let length = Int.random(in: 0...6, using: &random)
                applet.disturbances[number] = (0..<length).map { _ in
                    [0x90, 0x6C, 0x61, 0x62, 0x6D, 0x00, 0x82, 0x30, 0xFF].randomElement(
                        using: &random
                    ) ?? 0
                }
            }
            _ = TestReading(&applet)
            #expect(applet.commands <= CardConversation.maximumCommands)
        }
    }
}

/// The same numbers at every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
