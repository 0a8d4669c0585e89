package import BelgianEID
import Shared

/// A whole conversation without a reader.
package struct TestReading: Sendable {
    package private(set) var contents = CardContents()
    package private(set) var files: [CardFile: [UInt8]] = [:]
    package private(set) var order: [CardFile] = []
    package private(set) var absent: [CardFile] = []
    package private(set) var failure: CardReadFailure?
    package private(set) var resets = 0
    package private(set) var pauses: [Int] = []
    package private(set) var conversation: CardConversation

    /// Reads `files` of the card that `applet` plays.
    package init(
        _ applet: inout TestApplet,
        files wanted: [CardFile] = CardFile.allCases,
        answerToReset: [UInt8] = TestApplet.Version.applet18.answerToReset
    ) {
        conversation = CardConversation(files: wanted, answerToReset: answerToReset)
        var step = conversation.next()
        while true {
            switch step {
            case .transmit(let command, let pause):
                if pause > 0 { pauses.append(pause) }
                step = conversation.receive(applet.answer(command))
            case .reset:
                resets += 1
                applet.reset()
                step = conversation.cardWasReset()
            case .read(let file, let bytes):
                contents[file] = bytes
                files[file] = Array(bytes)
                order.append(file)
                step = conversation.next()
            case .absent(let file):
                contents.noteAbsence(of: file)
                absent.append(file)
                step = conversation.next()
            case .finished: return
            case .failed(let failure):
                self.failure = failure
                return
            }
        }
    }
}
