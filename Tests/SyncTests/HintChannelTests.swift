import Sync
import Testing

@Suite struct HintChannelTests {
    @Test func `events that are heard stay the way`() {
        var channel = HintChannel()
        for _ in 0..<10 { channel.streamEnded(heard: true, isReachable: true) }
        #expect(channel.way == .events)
    }

    @Test func `two silent streams in a row lead to waiting, and half an hour back`() {
        var channel = HintChannel()
        channel.streamEnded(heard: false, isReachable: true)
        channel.streamEnded(heard: true, isReachable: true)
        channel.streamEnded(heard: false, isReachable: true)
        #expect(channel.way == .events)
        channel.streamEnded(heard: false, isReachable: true)
        #expect(channel.way == .waiting)
        for _ in 1..<HintChannel.answersBetweenTries { channel.answered() }
        #expect(channel.way == .waiting)
        channel.answered()
        #expect(channel.way == .events)
        channel.streamEnded(heard: false, isReachable: true)
        #expect(channel.way == .waiting)
    }

    @Test func `a Hub that cannot be reached says nothing of proxies`() {
        var channel = HintChannel()
        for _ in 0..<10 { channel.streamEnded(heard: false, isReachable: false) }
        #expect(channel.way == .events)
    }
}
