internal import Foundation
internal import Glibc

/// The thread that libudev lives on.
enum UdevThread {
    /// Messages in a row that may be unreadable before the socket counts as broken.
    private static let maximumFailures = 16

    static func start(_ subsystems: [String], _ channel: UdevChannel) {
        guard channel.wake >= 0 else { return channel.finish(.noThread) }
        let thread = Thread {
            do throws(UdevError) {
                try run(subsystems, channel)
                channel.finish(nil)
            } catch {
                channel.finish(error)
            }
        }
        thread.name = "udev"
        thread.stackSize = 256 * 1024
        thread.start()
    }

    private static func run(
        _ subsystems: [String],
        _ channel: UdevChannel
    ) throws(UdevError) {
        let context = try UdevContext()
        // Before the list, so that nothing falls between the two.
        let monitor = try UdevMonitor(context, subsystems: subsystems)
        var known = KnownDevices()
        channel.send(known.replace(with: try context.devices(of: subsystems), isFirst: true))
        channel.send([.settled])
        var failures = 0
        while try wait(monitor.descriptor, channel) {
            receiving: while !channel.isFull {
                switch monitor.receive() {
                case .nothing: break receiving
                case .device(let action, let device):
                    failures = 0
                    channel.send(known.note(action: action, device))
                case .failure(let number):
                    failures += 1
                    guard failures <= maximumFailures else { throw .receiving(errno: number) }
                    let present = try context.devices(of: subsystems)
                    channel.send(known.replace(with: present, isFirst: false))
                }
            }
        }
    }

    /// Waits for a message, or for room; false when it shall end.
    private static func wait(
        _ monitor: Int32,
        _ channel: UdevChannel
    ) throws(UdevError) -> Bool {
        // Left in the kernel meanwhile, and listed anew if that is too much for it.
        let socket = channel.isFull ? -1 : monitor
        var descriptors = [
            pollfd(fd: channel.wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        let result = poll(&descriptors, 2, -1)
        guard result >= 0 || errno == EINTR || errno == ENOMEM else {
            throw .receiving(errno: errno)
        }
        if result > 0, descriptors[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(channel.wake, &count, MemoryLayout<UInt64>.size)
        }
        if result > 0, descriptors[1].revents & Int16(POLLHUP | POLLNVAL) != 0 {
            throw .receiving(errno: EPIPE)
        }
        return !channel.isStopped
    }
}
