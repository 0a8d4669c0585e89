import DeviceFormats
import Shared

/// Input: a recording as it is, and the same with the last line that its other lines would have.
enum RecordingFuzz {
    static func take(_ input: [UInt8]) {
        read(input)
        let lines = input.split(separator: 0x0A, omittingEmptySubsequences: false)
        let body = lines.filter { !$0.starts(with: "end ".utf8) && !$0.isEmpty }
        let chunks = body.filter { [UInt8(ascii: "<"), UInt8(ascii: ">")].contains($0.first) }
        let count = chunks.reduce(0) { sum, line in
            sum + (line.split(separator: 0x20).last?.count ?? 0) / 2
        }
        var bytes = body.flatMap { $0 + [0x0A] }
        let proof = Digest256(of: bytes).hexadecimal.prefix(16)
        bytes += "end \(chunks.count) \(count) \(proof)\n".utf8
        read(bytes)
    }

    private static func read(_ bytes: [UInt8]) {
        let document = DeviceDocument(bytes: bytes, name: "port.rec")
        _ = DeviceFormats.completeness(of: document)
        _ = try? DeviceFormats.decode(document)
        guard let recording = try? SerialRecording(bytes) else { return }
        guard let again = try? SerialRecording(recording.encoded()) else {
            preconditionFailure("a recording that cannot be read again")
        }
        precondition(again == recording, "a recording that is written as another")
    }
}
