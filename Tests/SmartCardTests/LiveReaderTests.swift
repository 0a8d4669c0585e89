import BelgianEID
import CardKit
import Foundation
import SmartCard
import Synchronization
import Testing

/// Against a real pcscd with virtual readers.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LiveReaderTests {
    @Test func `readers and cards are events, and a card is served once`() async throws {
        try await VirtualReaders.run { virtual in
            let log = EventLog()
            let readers = log.readers()
            defer { readers.stop() }
            try await log.wait { $0.readers == VirtualReaders.names }
            virtual.slots[0].insert(TestApplet(try TestCard()))
            try await log.wait { $0.served == 1 }
            virtual.slots[0].remove()
            try await log.wait { $0.inserted == 1 && $0.removed == 1 }
            #expect(log.state.served == 1 && log.state.failures == [])
        }
    }

    @Test func `without pcscd it says so, and goes on when pcscd is there`() async throws {
        try await VirtualReaders.run(started: false) { virtual in
            let log = EventLog()
            let readers = log.readers()
            defer { readers.stop() }
            try await log.wait { $0.problems == [.noService] }
            virtual.slots[0].insert(TestApplet(try TestCard()))
            try await virtual.start()
            readers.relist()
            try await log.wait { $0.served == 1 && $0.readers == VirtualReaders.names }
        }
    }

    @Test func `a pcscd that is killed in the middle of a card is followed to the next`()
        async throws
    {
        try await VirtualReaders.run { virtual in
            let log = EventLog()
            let readers = log.readers()
            defer { readers.stop() }
            let applet = TestApplet(try TestCard())
            let reached = AsyncStream<Void>.makeStream()
            let mayGoOn = DispatchSemaphore(value: 0)
            virtual.slots[0].insert(applet) { command in
                guard command == 4 else { return }
                reached.continuation.finish()
                mayGoOn.wait()
            }
            for await _ in reached.stream {}
            await virtual.kill()
            mayGoOn.signal()
            try await log.wait { $0.removed == 1 && $0.readers == [] && $0.failures.count == 1 }
            #expect(log.state.failures == [.serviceLost] && log.state.served == 0)
            try await virtual.start()
            readers.relist()
            virtual.slots[0].insert(applet)
            try await log.wait { $0.served == 1 && $0.inserted == 2 }
        }
    }

    @Test func `two readers are served side by side`() async throws {
        try await VirtualReaders.run { virtual in
            let log = EventLog()
            let readers = log.readers()
            defer { readers.stop() }
            // Each card waits for the other, a while: one after the other they would meet too late.
            let meeting = DispatchSemaphore(value: 0)
            let meeting2 = DispatchSemaphore(value: 0)
            let met = Count()
            virtual.slots[0].insert(TestApplet(try TestCard())) { command in
                guard command == 3 else { return }
                meeting.signal()
                if meeting2.wait(timeout: .now() + 10) == .success { met.add(1) }
            }
            virtual.slots[1].insert(TestApplet(try TestCard())) { command in
                guard command == 3 else { return }
                meeting2.signal()
                if meeting.wait(timeout: .now() + 10) == .success { met.add(1) }
            }
            try await log.wait { $0.served == 2 }
            #expect(met.value == 2)
        }
    }

    @Test func `a card that another program holds alone is waited for`() async throws {
        try await VirtualReaders.run { virtual in
            let log = EventLog()
            virtual.slots[0].insert(TestApplet(try TestCard()))
            let other = try await OtherProgram.connect(exclusive: true)
            let readers = log.readers()
            defer { readers.stop() }
            try await log.wait { $0.held == 1 }
            #expect(log.state.served == 0)
            other.disconnect()
            try await log.wait { $0.served == 1 && $0.held == 1 }
        }
    }

    @Test func `a transaction of another program is waited for`() async throws {
        try await VirtualReaders.run { virtual in
            let log = EventLog()
            virtual.slots[0].insert(TestApplet(try TestCard()))
            let other = try await OtherProgram.connect(exclusive: false)
            other.begin()
            let readers = log.readers()
            defer { readers.stop() }
            try await log.wait { $0.inserted == 1 }
            #expect(log.state.served == 0)
            other.end()
            try await log.wait { $0.served == 1 }
            other.disconnect()
        }
    }

    @Test func `a reset by another program between two files begins the file anew`() async throws {
        try await VirtualReaders.run { virtual in
            let log = EventLog()
            virtual.slots[0].insert(TestApplet(try TestCard()))
            let other = try await OtherProgram.connect(exclusive: false)
            let readers = log.readers { connection in
                do throws(CardFailure) {
                    _ = try connection.transmit(Self.selectIdentity) { _ in }
                    do throws(CardFailure) {
                        // Ours to the other's, who resets while we let it.
                        try connection.letOthers { other.reset() }
                        return .failed(.failed(.success))
                    } catch {
                        guard error == .wasReset else { throw error }
                        try connection.recover(reset: false)
                    }
                    let status = try connection.transmit(Self.selectIdentity) { Array($0) }
                    return status == [0x90, 0] ? .served : .failed(.failed(.success))
                } catch {
                    return .failed(error)
                }
            }
            defer { readers.stop() }
            try await log.wait { $0.served == 1 || !$0.failures.isEmpty }
            #expect(log.state.failures == [] && log.state.served == 1)
            other.disconnect()
        }
    }

    @Test func `watching that begins and ends again and again crashes nothing`() async throws {
        try await VirtualReaders.run { _ in
            let log = EventLog()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        let readers = log.readers()
                        readers.relist()
                        readers.stop()
                    }
                }
            }
            let readers = log.readers()
            defer { readers.stop() }
            try await log.wait { $0.readers.count >= 2 }
        }
    }

    @Test func `a hundred cards leave no thread and no descriptor behind`() async throws {
        try await VirtualReaders.run { virtual in
            let log = EventLog()
            let readers = log.readers()
            defer { readers.stop() }
            try await log.wait { $0.readers == VirtualReaders.names }
            let applet = TestApplet(try TestCard())
            var before: (Int, Int)?
            for number in 1...100 {
                virtual.slots[0].insert(applet)
                try await log.wait { $0.served == number }
                virtual.slots[0].remove()
                try await log.wait { $0.removed == number }
                if number == 3 { before = (Self.threads(), Self.connections()) }
            }
            let after = (Self.threads(), Self.connections())
            let start = try #require(before)
            // One thread watches and one has served; less would be a count of nothing.
            #expect(start.0 >= 2)
            #expect(after.0 <= start.0 && after.1 <= start.1 + 3)
        }
    }

    private static let selectIdentity: [UInt8] =
        [0, 0xA4, 8, 0x0C, 6, 0x3F, 0, 0xDF, 1, 0x40, 0x31]

    /// Ends of connections to pcscd: the system counts them where the client is.
    private static func connections() -> Int {
        let sockets = (try? String(contentsOfFile: "/proc/self/net/unix", encoding: .utf8)) ?? ""
        return sockets.split(separator: "\n").count { $0.contains("pcscd.comm") }
    }

    /// Threads with our name.
    private static func threads() -> Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.count { task in
            let name = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
            return name?.hasPrefix("card-") == true
        }
    }
}

/// A number that two threads raise.
private final class Count: Sendable {
    private let number = Mutex(0)

    var value: Int { number.withLock { $0 } }

    func add(_ more: Int) { number.withLock { $0 += more } }
}
