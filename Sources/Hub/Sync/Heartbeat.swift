import AsyncAlgorithms

/// Passes on each element of `stream`, and nil whenever none came for `interval`.
///
/// Ends with the stream, with the task, or with what `body` throws.
func withHeartbeat<Element: Sendable>(
    every interval: Duration,
    over stream: AsyncStream<Element>,
    _ body: (Element?) async throws -> Void
) async throws {
    let beats = AsyncTimerSequence(interval: interval, clock: .continuous).map { _ in
        Element?.none
    }
    let elements = chain(stream.map { Element?.some($0) }, End<Element?>())
    do {
        for try await element in merge(elements, beats) {
            try await body(element)
        }
    } catch is StreamEnded {
        return
    }
}

/// Thrown behind the last element, because a merged sequence ends only with its last part.
private struct StreamEnded: Error {}

private struct End<Element: Sendable>: AsyncSequence, Sendable {
    struct Iterator: AsyncIteratorProtocol {
        mutating func next() async throws -> Element? { throw StreamEnded() }
    }

    func makeAsyncIterator() -> Iterator { Iterator() }
}
