import DeviceFormats
import Shared

/// A serial device's recording as lines for a terminal: what went over the line, and when.
///
/// For recordings that nothing decodes; a person finds the device's format in them.
enum RecordingTable {
    /// The lines; none where the document is no recording, or a damaged one.
    static func lines(for document: DeviceDocument) -> [String] {
        guard let recording = try? SerialRecording(document.bytes) else { return [] }
        let line = recording.line
        var lines = [
            "  \(TerminalText.safe(recording.protocolName)) · \(line.baud) baud · "
                + "\(line.dataBits) bits, parity \(line.parity.rawValue), \(line.stopBits) stop · "
                + (recording.started?.description ?? Notation.absent) + " · "
                + (recording.ending?.rawValue ?? "whole")
        ]
        for chunk in recording.chunks {
            let time = ExactDecimal(unscaled: chunk.offset.wholeMilliseconds, decimals: 3).text
            for start in stride(from: 0, to: chunk.bytes.count, by: width) {
                let row = chunk.bytes[start..<min(start + width, chunk.bytes.count)]
                let stamp = start == 0 ? "\(padded(time)) \(chunk.direction.rawValue)" : margin
                lines.append("  \(stamp) \(dump(row))")
            }
        }
        return lines + [""]
    }

    private static let width = 16
    private static let margin = String(repeating: " ", count: 12)

    private static func padded(_ time: String) -> String {
        String(repeating: " ", count: max(0, 10 - time.utf8.count)) + time
    }

    /// Hexadecimal, then the characters that can be printed.
    private static func dump(_ row: ArraySlice<UInt8>) -> String {
        let digits = row.map { Hexadecimal.encode([$0]) }.joined(separator: " ")
        let gap = String(repeating: " ", count: width * 3 - digits.utf8.count + 1)
        let text = row.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: ".") }
        return digits + gap + String(decoding: text, as: UTF8.self)
    }
}
