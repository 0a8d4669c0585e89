import Glibc
import Testing

@testable import SerialPort

@Suite(.serialized) struct PortTests {
    @Test func `split bytes come in their order, with moments that never turn back`() async throws {
        let device = try PseudoTerminal()
        let port = try await SerialPort.open(device.path, LineSettings(baud: 9600))
        let sent: [UInt8] = (0...255).map { $0 }
        var iterator = port.chunks.makeAsyncIterator()
        var bytes: [UInt8] = []
        var moments: [Duration] = []
        for start in stride(from: 0, to: sent.count, by: 3) {
            try device.send(Array(sent[start..<min(start + 3, sent.count)]))
            while bytes.count < min(start + 3, sent.count) {
                let chunk = try #require(await iterator.next())
                bytes += chunk.bytes
                moments.append(chunk.moment)
                #expect(chunk.faults == 0)
            }
        }
        #expect(bytes == sent)
        #expect(moments == moments.sorted())
        #expect(moments.allSatisfy { $0 >= .zero && $0 <= port.moment })
        await port.close()
        #expect(await iterator.next() == nil)
        #expect(port.ending == .closed)
    }

    @Test func `what is written arrives as it is`() async throws {
        let device = try PseudoTerminal()
        let port = try await SerialPort.open(device.path, LineSettings(baud: 9600))
        let bytes: [UInt8] = [0x06, 0x06, 0x00, 0x0A, 0x0D, 0xFF, 0x03, 0x11]
        try await port.write(bytes, deadline: .seconds(10))
        #expect(try device.receive(bytes.count) == bytes)
        try await port.write([], deadline: .seconds(10))
        await port.close()
        await #expect(throws: SerialPortFailure.closed) {
            try await port.write([1], deadline: .seconds(10))
        }
    }

    @Test func `a device that takes nothing is late, not waited for`() async throws {
        let device = try PseudoTerminal()
        let port = try await SerialPort.open(device.path, LineSettings(baud: 9600))
        let bytes = [UInt8](repeating: 0x41, count: 64 * 1024)
        let failure = await #expect(throws: SerialPortFailure.self) {
            try await port.write(bytes, deadline: .milliseconds(50))
        }
        guard case .timedOut(let written) = failure else {
            Issue.record("not late: \(String(describing: failure))")
            return
        }
        #expect((1..<bytes.count).contains(written))
        await #expect(throws: SerialPortFailure.overloaded) {
            try await port.write(bytes + [0], deadline: .seconds(10))
        }
        await port.close()
    }

    @Test func `a port that somebody has is busy, and free once it is closed`() async throws {
        let device = try PseudoTerminal()
        let port = try await SerialPort.open(device.path, LineSettings(baud: 9600))
        #expect(await failure(device.path) == .busy)
        await port.close()
        #expect(await failure(device.path) == nil)
    }

    @Test func `a port that nobody holds any more is closed`() async throws {
        let device = try PseudoTerminal()
        do { _ = try await SerialPort.open(device.path, LineSettings(baud: 9600)) }
        var outcome = await failure(device.path)
        while outcome == .busy {
            await Task.yield()
            outcome = await failure(device.path)
        }
        #expect(outcome == nil)
    }

    @Test func `an unplugged device ends the chunks behind everything that it sent`() async throws {
        let device = try PseudoTerminal()
        let port = try await SerialPort.open(device.path, LineSettings(baud: 9600))
        try device.send([1, 2, 3])
        #expect(await port.read(3) == [1, 2, 3])
        device.unplug()
        #expect(await port.read(.max) == [])
        #expect(port.ending == .detached)
        await #expect(throws: SerialPortFailure.detached) {
            try await port.write([1], deadline: .seconds(10))
        }
        await port.close()
    }

    @Test func `a reader that is cancelled stops, and the next one goes on`() async throws {
        let device = try PseudoTerminal()
        let port = try await SerialPort.open(device.path, LineSettings(baud: 9600))
        let reader = Task { await port.read(1) }
        reader.cancel()
        #expect(await reader.value == [])
        try device.send([7])
        #expect(await port.read(1) == [7])
        await port.close()
    }

    @Test func `what nobody takes waits, up to the cap`() async throws {
        let device = try PseudoTerminal()
        let port = try await SerialPort.open(device.path, LineSettings(baud: 9600))
        let piece = [UInt8](repeating: 0x55, count: 2048)
        for _ in 0..<100 {
            try device.send(piece)
        }
        #expect(await port.read(100 * 2048).count == 100 * 2048)
        await port.close()
    }

    /// In a process of its own: the other tests make threads and descriptors too.
    @Test func `200 openings leave no thread and no descriptor behind`() async {
        await #expect(processExitsWith: .success) {
            let device = try PseudoTerminal()
            try await Self.openOnce(device)
            let (threads, descriptors) = (Self.count("task"), Self.count("fd"))
            for _ in 0..<200 { try await Self.openOnce(device) }
            // A thread tells that it is done just before it is gone.
            while Self.count("task") > threads { await Task.yield() }
            #expect(Self.count("fd") <= descriptors)
        }
    }

    private static func openOnce(_ device: PseudoTerminal) async throws {
        let port = try await SerialPort.open(device.path, LineSettings(baud: 9600))
        try device.send([1])
        #expect(await port.read(1) == [1])
        await port.close()
    }

    private static func count(_ kind: String) -> Int {
        guard let folder = opendir("/proc/self/\(kind)") else { return -1 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
