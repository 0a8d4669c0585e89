import Foundation
import Glibc
import Synchronization

/// One of the virtual readers: a card is put in, and pulled.
///
/// The card connects to the reader. Every message is two bytes of length and so many bytes; one
/// of a single byte is no command: 0, 1 and 2 are power and reset, 4 asks for the answer to reset,
/// several times a second. A connection that ends is a card that was pulled.
package final class VirtualSlot: Sendable {
    private let port: UInt16
    /// The process whose network the reader is in; nil for our own.
    private let network: Mutex<Int32?>
    private let state = Mutex(State())

    private struct State {
        var socket: Socket?
        var number = 0
        var commands = 0
        var powerOns = 0
    }

    init(port: UInt16, network: Int32?) {
        self.port = port
        self.network = Mutex(network)
    }

    func setNetwork(_ process: Int32?) { network.withLock { $0 = process } }

    /// How many commands the cards have had so far.
    package var commands: Int { state.withLock(\.commands) }

    /// Puts a card in; `pulledAt` pulls it instead of its answer to that command, and `slow` is how
    /// many milliseconds it takes for each.
    package func insert(
        _ applet: TestApplet,
        answerToReset: [UInt8] = TestApplet.Version.applet18.answerToReset,
        pulledAt: Int? = nil,
        slow: Int32 = 0,
        onCommand: (@Sendable (Int) -> Void)? = nil
    ) {
        remove()
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        let thread = Thread { [self] in
            guard let socket = connect(number) else { return }
            var applet = applet
            while let message = receive(socket) {
                if message.count == 1 {
                    if message[0] == 4 {
                        guard send(answerToReset, socket) else { break }
                    } else {
                        applet.reset()
                    }
                    continue
                }
                state.withLock { $0.commands += 1 }
                if let pulledAt, applet.commands + 1 >= pulledAt { break }
                onCommand?(applet.commands + 1)
                if slow > 0 { _ = poll(nil, 0, slow) }
                guard send(applet.answer(message), socket) else { break }
            }
            socket.end()
            state.withLock { if $0.number == number { $0.socket = nil } }
        }
        thread.name = "virtual-card"
        thread.start()
    }

    /// Pulls the card.
    package func remove() {
        let socket = state.withLock { state in
            state.number += 1
            defer { state.socket = nil }
            return state.socket
        }
        socket?.end()
    }

    /// Connects when the reader listens, as long as the card is to be in.
    private func connect(_ number: Int) -> Socket? {
        for _ in 0..<2000 {
            guard state.withLock({ $0.number == number }) else { return nil }
            if let process = network.withLock(\.self) { Network.enter(of: process) }
            if let socket = try? Socket(port: port) {
                let isWanted = state.withLock { state in
                    guard state.number == number else { return false }
                    state.socket = socket
                    return true
                }
                return isWanted ? socket : nil
            }
            _ = poll(nil, 0, 5)
        }
        return nil
    }

    private func receive(_ socket: Socket) -> [UInt8]? {
        guard let head = socket.read(2) else { return nil }
        return socket.read(Int(head[0]) << 8 | Int(head[1]))
    }

    private func send(_ bytes: [UInt8], _ socket: Socket) -> Bool {
        socket.write([UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes)
    }
}

/// The network of another process.
enum Network {
    /// Glibc has `setns`, and its module for Swift does not show it.
    private static func move(to descriptor: Int32) -> Bool {
        typealias Move = @convention(c) (Int32, Int32) -> Int32
        guard let symbol = dlsym(nil, "setns") else { return false }
        return unsafeBitCast(symbol, to: Move.self)(descriptor, 0) == 0
    }

    /// The calling thread's sockets are in that network from now on; its loopback is made usable.
    static func enter(of process: Int32) {
        let descriptor = open("/proc/\(process)/ns/net", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard move(to: descriptor) else { return }
        let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        var request = ifreq()
        withUnsafeMutableBytes(of: &request.ifr_ifrn) { $0.copyBytes(from: Array("lo".utf8)) }
        request.ifr_ifru.ifru_flags = Int16(IFF_UP) | Int16(IFF_RUNNING)
        _ = ioctl(socket, UInt(SIOCSIFFLAGS), &request)
    }
}
