import Hummingbird

/// The writer of an answer that lasts, for use within closures.
///
/// The library's writer is not Sendable because two tasks must not write at once. Here only the
/// one task that runs the stream does, from a closure that ends before the answer does.
struct StreamOutput: @unchecked Sendable {
    private let writer: any ResponseBodyWriter

    init(_ writer: any ResponseBodyWriter) {
        self.writer = writer
    }

    func write(_ text: String) async throws {
        nonisolated(unsafe) var writer = writer
        try await writer.write(ByteBuffer(string: text))
    }
}
