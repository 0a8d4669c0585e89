import Shared
import Testing

@testable import DeviceFormats

/// What serial devices send, with invented lenses and eyes.
enum SerialFixture {
    static let recording = "l70_recording.rec"
    static let lensmeter = "l70_capture.bin"
    static let refractometer = "rm8000_frame.bin"
    static let keratometer = "kr8900_dump.dat"
    static let link = "cv5000_link.bin"
    /// Those that give readings.
    static let readable = [recording, lensmeter, refractometer, keratometer]
    static let all = readable + [link]

    static func bytes(_ name: String) throws -> [UInt8] {
        try Fixture.document("Serial", name).bytes
    }

    static func readings(_ name: String) throws -> [Reading] {
        try Fixture.readings("Serial", name)
    }

    /// The document that a recording is.
    static func document(_ recording: SerialRecording) -> DeviceDocument {
        DeviceDocument(bytes: recording.encoded(), name: "port.rec")
    }

    /// One block of a lensmeter, with the sum that its control frames suggest.
    static func block(_ text: String, last: UInt8 = 0x17) -> [UInt8] {
        let bytes = [0x02] + Array(text.utf8) + [last]
        let sum = bytes.reduce(0) { $0 + Int($1) }
        return bytes + [UInt8(sum & 0xFF), UInt8(sum >> 8)]
    }

    /// A whole transmission of a lensmeter.
    static func lensmeter(_ texts: [String]) -> [UInt8] {
        let blocks = texts.dropLast().flatMap { block($0) }
        let last = texts.last.map { block($0, last: 0x03) } ?? []
        return [0x05, 0x05, 0x00] + blocks + last + [0x04, 0x04, 0x00]
    }

    /// The problems of a capture's only reading.
    static func problems(of bytes: [UInt8]) throws -> [String] {
        let document = DeviceDocument(bytes: bytes, name: "capture.bin")
        let readings = try DeviceFormats.decode(document).readings
        try #require(readings.count == 1)
        return readings[0].reading.problems.map(\.line)
    }
}

/// Carries bytes to a protocol as a port would, and gathers what it does.
struct SerialPlayer {
    var machine: any SerialProtocol
    var moment: Duration = .zero
    var actions: [SerialAction] = []

    init(_ name: String) throws {
        let entry = try #require(SerialProtocols.named(name))
        machine = entry.make(entry.line)
    }

    mutating func send(_ bytes: [UInt8], after pause: Duration = .milliseconds(5)) {
        moment += pause
        actions += machine.receive(bytes, at: moment)
    }

    mutating func wait(_ pause: Duration = .seconds(10)) {
        moment += pause
        actions += machine.silent(at: moment)
    }

    mutating func detach() { actions += machine.end(at: moment) }

    /// Everything but the requests to be woken.
    var told: [SerialAction] {
        actions.filter { if case .wake = $0 { false } else { true } }
    }

    var documents: [SerialRecording] {
        actions.compactMap { if case .document(let recording) = $0 { recording } else { nil } }
    }

    var partials: [SerialRecording] {
        actions.compactMap { if case .partial(let recording, _) = $0 { recording } else { nil } }
    }

    var sent: [[UInt8]] {
        actions.compactMap { if case .send(let bytes) = $0 { bytes } else { nil } }
    }
}
