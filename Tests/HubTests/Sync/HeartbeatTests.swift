import Testing

@testable import Hub

@Suite struct HeartbeatTests {
    private typealias Beats = AsyncStream<Beat<Int>>

    /// A stream that tells when it has ended.
    private func make(
        every interval: Duration
    ) -> (stream: Beats, continuation: Beats.Continuation, ended: AsyncStream<Void>) {
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let (stream, continuation) = Beats.makeBeating(every: interval, keeping: 2) {
            end.yield()
            end.finish()
        }
        return (stream, continuation, ended)
    }

    @Test func `pulses come again and again, and elements between them`() async {
        let (stream, continuation, _) = make(every: .milliseconds(1))
        var (pulses, elements) = (0, [Int]())
        for await beat in stream {
            switch beat {
            case .pulse: pulses += 1
            case .element(let element): elements.append(element)
            }
            if pulses == 2, elements.isEmpty { continuation.yield(.element(7)) }
            if pulses >= 3, !elements.isEmpty { continuation.finish() }
        }
        #expect(elements == [7])
        #expect(pulses >= 3)
    }

    @Test func `what waits is read before the end, and nothing comes behind it`() async {
        let (stream, continuation, ended) = make(every: .seconds(3600))
        for element in 1...2 { continuation.yield(.element(element)) }
        continuation.finish()
        continuation.yield(.pulse)
        var elements: [Int] = []
        for await case .element(let element) in stream { elements.append(element) }
        #expect(elements == [1, 2])
        var ends = 0
        for await _ in ended { ends += 1 }
        #expect(ends == 1)
    }

    @Test func `a stream that nobody reads any more ends, and its timer with it`() async {
        var made: (stream: Beats, continuation: Beats.Continuation, ended: AsyncStream<Void>)?
        made = make(every: .milliseconds(1))
        let ended = made?.ended
        let continuation = made?.continuation
        made = nil
        var ends = 0
        if let ended { for await _ in ended { ends += 1 } }
        #expect(ends == 1)
        guard case .terminated = continuation?.yield(.pulse) else {
            Issue.record("it goes on")
            return
        }
    }

    @Test func `pulses that nobody takes displace no element`() async {
        let (stream, continuation, _) = make(every: .seconds(3600))
        for element in 1...2 { continuation.yield(.element(element)) }
        for _ in 0..<4 { continuation.yield(.pulse) }
        continuation.finish()
        var elements: [Int] = []
        for await case .element(let element) in stream { elements.append(element) }
        #expect(elements == [1, 2])
    }
}
