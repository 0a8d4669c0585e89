import CZlib

/// The end of a gzip member, compressed before its beginning is known.
///
/// A push's operations are compressed while the push before it is on its way; its header, with the
/// nonce of that one's reply, comes in front of them at the last moment.
package struct GzipTail: Sendable {
    private let deflated: [UInt8]
    private let checksum: UInt
    private let count: Int

    /// Compresses what stands at the end: parts of one sort each, so that each gets codes of its own.
    package init(_ parts: [[UInt8]]) {
        deflated = Self.deflate(parts, flush: Z_FINISH)
        checksum = parts.reduce(crc32(0, nil, 0)) { Self.checksum(of: $1, behind: $0) }
        count = parts.reduce(0) { $0 + $1.count }
    }

    /// One member that inflates to `head` and the content behind it.
    package func member(behind head: [UInt8]) -> [UInt8] {
        // RFC 1952: magic, deflate, no flags, no time, no hints, Unix.
        var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        // Flushed, the beginning ends with a byte and is not the last block.
        member += Self.deflate([head], flush: Z_SYNC_FLUSH)
        member += deflated
        let sum = crc32_combine(Self.checksum(of: head, behind: 0), checksum, count)
        for word in [
            UInt32(truncatingIfNeeded: sum), UInt32(truncatingIfNeeded: head.count + count),
        ] {
            withUnsafeBytes(of: word.littleEndian) { member.append(contentsOf: $0) }
        }
        return member
    }

    private static func checksum(of content: [UInt8], behind sum: UInt) -> UInt {
        content.withUnsafeBufferPointer { crc32(sum, $0.baseAddress, UInt32($0.count)) }
    }

    /// Parts smaller than this are not worth codes of their own.
    private static let ownCodes = 512

    private static func deflate(_ parts: [[UInt8]], flush: Int32) -> [UInt8] {
        var stream = z_stream()
        let started = clinic_deflate_raw_init(&stream, Gzip.level)
        precondition(started == Z_OK, "zlib refuses its own default settings only out of memory")
        defer { deflateEnd(&stream) }
        // A flush adds at most an empty block to what an end needs.
        let content = parts.reduce(0) { $0 + $1.count }
        let bound = Int(deflateBound(&stream, UInt(content))) + 16 * (parts.count + 1)
        return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            for (index, part) in parts.enumerated() {
                var input = part
                let isLast = index == parts.count - 1
                input.withUnsafeMutableBufferPointer { input in
                    stream.next_in = input.baseAddress
                    stream.avail_in = UInt32(input.count)
                    let between = part.count < ownCodes ? Z_NO_FLUSH : Z_BLOCK
                    _ = CZlib.deflate(&stream, isLast ? flush : between)
                    precondition(stream.avail_out > 0, "deflateBound is an upper bound")
                }
            }
            count = bound - Int(stream.avail_out)
        }
    }
}
