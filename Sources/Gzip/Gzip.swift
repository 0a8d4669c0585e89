import CZlib

/// Gzip (RFC 1952) for the bodies of change-sets, by zlib.
package enum Gzip {
    /// Zlib's level 6: within a tenth of the best at a fraction of the time.
    static let level: Int32 = 6

    /// Compresses `content` as one member.
    package static func compress(_ content: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        let started = clinic_deflate_init(&stream, level)
        precondition(started == Z_OK, "zlib refuses its own default settings only out of memory")
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(content.count)))
        var input = content
        return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                let ended = deflate(&stream, Z_FINISH)
                precondition(ended == Z_STREAM_END, "deflateBound is an upper bound")
            }
            count = bound - Int(stream.avail_out)
        }
    }

    /// Inflates one gzip member, refusing to produce more than `limit` bytes.
    ///
    /// The limit holds while inflating, so that a bomb costs no more than its cap.
    package static func decompress(
        _ compressed: [UInt8],
        limit: Int
    ) throws(GzipError) -> [UInt8] {
        var stream = z_stream()
        guard clinic_inflate_init(&stream) == Z_OK else { throw .malformed }
        defer { inflateEnd(&stream) }
        var input = compressed
        var output: [UInt8] = []
        output.reserveCapacity(min(claimedSize(compressed), limit))
        var failure: GzipError?
        input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            failure = inflateAll(&stream, into: &output, limit: limit)
        }
        if let failure { throw failure }
        return output
    }

    /// How large the content is by what the member's end says, which may be a lie: RFC 1952, ISIZE.
    private static func claimedSize(_ compressed: [UInt8]) -> Int {
        compressed.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private static func inflateAll(
        _ stream: inout z_stream,
        into output: inout [UInt8],
        limit: Int
    ) -> GzipError? {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let result = chunk.withUnsafeMutableBufferPointer { chunk in
                stream.next_out = chunk.baseAddress
                stream.avail_out = UInt32(chunk.count)
                return inflate(&stream, Z_NO_FLUSH)
            }
            let produced = chunk.count - Int(stream.avail_out)
            guard output.count + produced <= limit else { return .tooLarge(limit: limit) }
            output.append(contentsOf: chunk[..<produced])
            switch result {
            case Z_STREAM_END: return stream.avail_in == 0 ? nil : .malformed
            case Z_OK where produced > 0 || stream.avail_in > 0: continue
            case Z_OK, Z_BUF_ERROR: return .truncated
            default: return .malformed
            }
        }
    }
}

/// Why compressed bytes could not be inflated.
package enum GzipError: Error, Equatable {
    /// The content is larger than the caller allows.
    case tooLarge(limit: Int)
    /// The content ends early.
    case truncated
    /// Not gzip, a wrong checksum, or bytes behind the end.
    case malformed
}
