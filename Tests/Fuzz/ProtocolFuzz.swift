import DeviceFormats
import Shared

/// Input: a byte that chooses the protocol, then commands.
///
/// A command's two lowest bits say what happens: 0 and 1, bytes come after so many milliseconds as
/// the others say; 3, after so many tenths of a second; 2, so many tenths of silence. Bytes have
/// their number in front; after `FE` everything that is left comes at once.
enum ProtocolFuzz {
    static func take(_ input: [UInt8]) {
        guard let first = input.first else { return }
        let entry = SerialProtocols.all[Int(first) % SerialProtocols.all.count]
        var play = Play(machine: entry.make(entry.line))
        var rest = input.dropFirst()
        while let command = rest.popFirst() {
            let amount = Int(command >> 2)
            if command == 0xFE {
                play.receive(rest, after: .zero)
                rest = []
            } else if command & 3 == 2 {
                play.wait(.milliseconds(100 * amount))
            } else if let count = rest.popFirst() {
                let pause: Duration = .milliseconds(command & 3 == 3 ? 100 * amount : amount)
                play.receive(rest.prefix(Int(count)), after: pause)
                rest = rest.dropFirst(Int(count))
            }
        }
        play.end()
        play.check(entry)
    }

    /// One opening of a port.
    private struct Play {
        var machine: any SerialProtocol
        var moment: Duration = .zero
        var received = 0
        var actions: [SerialAction] = []

        mutating func receive(_ bytes: ArraySlice<UInt8>, after pause: Duration) {
            moment += pause
            received += bytes.count
            actions += machine.receive(bytes, at: moment)
        }

        mutating func wait(_ pause: Duration) {
            moment += pause
            actions += machine.silent(at: moment)
        }

        mutating func end() { actions += machine.end(at: moment) }

        func check(_ entry: SerialProtocols.Entry) {
            var kept = 0
            for action in actions {
                switch action {
                case .document(let recording), .partial(let recording, _):
                    kept += recording.receivedBytes
                    check(recording)
                case .noise(let count): kept += count
                case .send(let bytes):
                    precondition(entry.name == "l70", "only the lensmeter is answered")
                    precondition(bytes == [6, 6, 0], "nothing but acknowledgements is sent")
                case .live: precondition(entry.name == "cv5000-link", "a state of no phoropter")
                case .wake(let moment): precondition(moment > .zero, "a wake-up in the past")
                case .wrongBaud: break
                }
            }
            guard entry.name != "cv5000-link" else { return }
            precondition(kept >= received, "a byte was neither kept nor counted")
        }

        private func check(_ recording: SerialRecording) {
            let bytes = recording.encoded()
            let document = DeviceDocument(bytes: bytes, name: "port.rec")
            precondition(DeviceFormats.completeness(of: document) == .complete, "not complete")
            guard let again = try? SerialRecording(bytes) else {
                preconditionFailure("a recording that cannot be read")
            }
            precondition(again == recording, "a recording that is read as another")
            let isCut = recording.ending != nil
            for decoded in (try? DeviceFormats.decode(document))?.readings ?? [] {
                precondition(!isCut || decoded.reading.isRejected, "a cut that nobody looks at")
            }
        }
    }
}
