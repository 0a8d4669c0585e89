import Testing

@testable import Udev

@Suite struct `What the consumer has not taken` {
    private let adapter = UdevDevice(path: "/sys/a", subsystem: "tty", node: "/dev/ttyUSB0")
    private let stick = UdevDevice(path: "/sys/b", subsystem: "block", node: "/dev/sda1")

    private func taken(_ events: UdevEvent...) -> [UdevEvent] {
        var queue = UdevQueue()
        for event in events { queue.add(event) }
        return queue.take()
    }

    private var renamed: UdevDevice {
        var device = adapter
        device.properties = ["ID_MODEL": "other"]
        return device
    }

    @Test func `comes in the order in which the devices had news`() {
        #expect(
            taken(.present(adapter), .added(stick), .settled)
                == [.present(adapter), .added(stick), .settled]
        )
    }

    @Test func `a device that came and went is not told at all`() {
        #expect(taken(.added(adapter), .removed(adapter)).isEmpty)
        #expect(taken(.added(adapter), .changed(renamed), .removed(renamed)).isEmpty)
    }

    @Test func `a device that came and changed is told once, as it is now`() {
        #expect(taken(.added(adapter), .changed(renamed)) == [.added(renamed)])
        #expect(taken(.present(adapter), .changed(renamed)) == [.present(renamed)])
        #expect(taken(.changed(adapter), .changed(renamed)) == [.changed(renamed)])
    }

    @Test func `a device that went and came is told as both`() {
        #expect(
            taken(.removed(adapter), .added(renamed)) == [.removed(adapter), .added(renamed)]
        )
    }

    @Test func `however often it flaps, a device is told as gone once`() {
        #expect(
            taken(
                .removed(adapter),
                .added(adapter),
                .removed(adapter),
                .added(adapter),
                .removed(adapter)
            ) == [.removed(adapter)]
        )
    }

    @Test func `a change before the end is not told`() {
        #expect(taken(.changed(renamed), .removed(renamed)) == [.removed(renamed)])
    }

    @Test func `one device never fills the queue, very many do`() {
        var queue = UdevQueue()
        for _ in 0..<10_000 {
            queue.add(.changed(adapter))
        }
        #expect(!queue.isFull)
        for number in 0..<UdevQueue.capacity {
            queue.add(.added(UdevDevice(path: "/sys/\(number)", subsystem: "tty")))
        }
        #expect(queue.isFull)
        #expect(queue.take().count == UdevQueue.capacity + 1)
        #expect(!queue.isFull)
    }
}
