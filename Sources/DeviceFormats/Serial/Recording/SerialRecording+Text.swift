import Shared

extension SerialRecording {
    /// The document: lines of text that end with a line which proves that all is there.
    ///
    /// ```
    /// CLINIC-SERIAL-RECORDING 1
    /// protocol l70
    /// line 9600 8 none 2 dtr rts
    /// started 2027-03-09T14:05:51.020
    /// ending whole
    /// < 0.000 050500
    /// > 0.004 060600
    /// end 2 6 0f343b0931126a20
    /// ```
    ///
    /// Times are seconds since the first byte; bytes are hexadecimal. The last line holds the
    /// number of chunks, the number of bytes, and the beginning of the SHA-256 of all lines before.
    package func encoded() -> [UInt8] {
        var text = Self.mark + " \(Self.version)\n"
        text += "protocol \(protocolName)\n"
        text += "line \(line.baud) \(line.dataBits) \(line.parity.rawValue) \(line.stopBits)"
        text += " \(line.dtr ? "dtr" : "-") \(line.rts ? "rts" : "-")\n"
        text += "started \(started?.description ?? "-")\n"
        text += "ending \(ending?.rawValue ?? "whole")\n"
        var bytes = Array(text.utf8)
        var count = 0
        for chunk in chunks {
            let time = Self.seconds(chunk.offset)
            bytes += "\(chunk.direction.rawValue) \(time) ".utf8
            bytes += Hexadecimal.encode(chunk.bytes).utf8
            bytes.append(0x0A)
            count += chunk.bytes.count
        }
        bytes += "end \(chunks.count) \(count) \(Self.proof(of: bytes[...]))\n".utf8
        return bytes
    }

    static let mark = "CLINIC-SERIAL-RECORDING"
    static let version = 1
    /// More than any recording of the caps can have.
    static let maximumText = 384 * 1024

    /// The first 16 hexadecimal digits of the SHA-256.
    static func proof(of bytes: ArraySlice<UInt8>) -> String {
        String(Digest256(of: bytes).hexadecimal.prefix(16))
    }

    private static func seconds(_ duration: Duration) -> String {
        ExactDecimal(unscaled: duration.wholeMilliseconds, decimals: 3).text
    }
}
