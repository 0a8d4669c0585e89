package import Shared

extension SerialRecording {
    /// Reads a document.
    ///
    /// Errors: `truncated` where the last line is not there, `malformed` where it disagrees with
    /// what stands before it or a line is not of the format, `unsupported` for a later version,
    /// `tooLarge` beyond the caps.
    package init(_ bytes: [UInt8]) throws(DocumentFailure) {
        guard bytes.count <= Self.maximumText else {
            throw DocumentFailure(.tooLarge, "The recording is larger than one can be.")
        }
        guard bytes.last == 0x0A, let end = Self.endLine(of: bytes) else {
            throw DocumentFailure(.truncated, "The recording ends before its last line.")
        }
        let body = bytes[..<end]
        var lines = RecordingLines(body)
        let version = try lines.words(Self.mark, count: 1)[0]
        guard version == "\(Self.version)" else {
            throw DocumentFailure(.unsupported, "The recording is of a later version.")
        }
        let name = try lines.words("protocol", count: 1)[0]
        guard name.utf8.count <= 32 else { throw lines.failure }
        guard let line = SerialLine(try lines.words("line", count: 6)) else { throw lines.failure }
        self.init(protocolName: name, line: line)
        let started = try lines.words("started", count: 1)[0]
        self.started = LocalTime(started)
        guard started == "-" || self.started != nil else { throw lines.failure }
        let ending = try lines.words("ending", count: 1)[0]
        self.ending = Break(rawValue: ending)
        guard ending == "whole" || self.ending != nil else { throw lines.failure }
        while let chunk = try lines.chunk() {
            append(chunk)
            guard chunks.count <= Self.maximumChunks else {
                throw DocumentFailure(.tooLarge, "The recording has more chunks than one can.")
            }
        }
        let count = chunks.reduce(0) { $0 + $1.bytes.count }
        guard count <= Self.maximumBytes else {
            throw DocumentFailure(.tooLarge, "The recording has more bytes than one can.")
        }
        let proof = "end \(chunks.count) \(count) \(Self.proof(of: body))\n"
        guard bytes[end...].elementsEqual(proof.utf8) else {
            throw DocumentFailure(.malformed, "The recording is damaged: its last line disagrees.")
        }
    }

    /// Where the line `end …` begins; nil where the last line is another.
    static func endLine(of bytes: [UInt8]) -> Int? {
        let start = bytes.dropLast().lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return bytes[start...].starts(with: "end ".utf8) ? start : nil
    }
}

/// The lines of a recording, one after another.
private struct RecordingLines {
    private var rest: ArraySlice<UInt8>
    private var number = 0

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var failure: DocumentFailure {
        DocumentFailure(.malformed, "A line is not of the format.", at: "line \(number)")
    }

    /// The words behind the one that the line must begin with.
    mutating func words(_ first: String, count: Int) throws(DocumentFailure) -> [String] {
        let words = try line()?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        guard words.count == count + 1, words[0] == first else { throw failure }
        return words.dropFirst().map(String.init)
    }

    /// The next chunk; nil behind the last line.
    mutating func chunk() throws(DocumentFailure) -> SerialRecording.Chunk? {
        guard let line = try line() else { return nil }
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3,
            let direction = SerialRecording.Direction(rawValue: String(words[0])),
            let time = ExactDecimal(words[1]), time.decimals == 3, time >= 0,
            time <= 1_000_000, let bytes = Hexadecimal.decode(words[2]), !bytes.isEmpty
        else { throw failure }
        return SerialRecording.Chunk(
            direction: direction,
            offset: .milliseconds(time.unscaled),
            bytes: bytes
        )
    }

    /// The next line without its end; nil behind the last.
    private mutating func line() throws(DocumentFailure) -> String? {
        guard !rest.isEmpty else { return nil }
        number += 1
        guard let end = rest.firstIndex(of: 0x0A) else { throw failure }
        defer { rest = rest[(end + 1)...] }
        let line = rest[..<end]
        guard line.count <= 2 * SerialRecording.chunkBytes + 32,
            line.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw failure }
        return String(decoding: line, as: UTF8.self)
    }
}

extension SerialLine {
    /// Reads the six words of a recording's line settings.
    fileprivate init?(_ words: [String]) {
        guard let baud = Int(words[0]), (50...4_000_000).contains(baud),
            let dataBits = Int(words[1]), (5...8).contains(dataBits),
            let parity = Parity(rawValue: words[2]), let stopBits = Int(words[3]),
            (1...2).contains(stopBits), ["dtr", "-"].contains(words[4]),
            ["rts", "-"].contains(words[5])
        else { return nil }
        self.init(
            baud: baud,
            dataBits: dataBits,
            parity: parity,
            stopBits: stopBits,
            dtr: words[4] == "dtr",
            rts: words[5] == "rts"
        )
    }
}
