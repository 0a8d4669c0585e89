import Foundation
import Synchronization

/// A TCP proxy between two real processes that does to their bytes what a bad network does.
///
/// TLS passes through it. Two threads serve each connection, one for each direction.
package final class FaultProxy: Sendable {
    /// What happens to the bytes on their way.
    package enum Fault: Equatable, Sendable {
        case none
        /// Every piece comes later.
        case latency(Duration)
        /// Every piece comes in slices of so many bytes.
        case slices(Int)
        case bandwidth(bytesPerSecond: Int)
        /// A connection is reset once so many bytes have gone over it.
        case reset(afterBytes: Int)
        /// Connections are taken, and nothing passes. What was sent arrives late, when the fault
        /// is over; with `isForgotten` never, and nobody is told.
        case blackHole(isForgotten: Bool)
        /// New connections are closed at once.
        case refused
    }

    /// Where it listens.
    package let port: Int
    private let target: Int
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        var fault = Fault.none
        var isStopped = false
        var connections: [ObjectIdentifier: Connection] = [:]
        var strikes = 0
    }

    /// A connection and the two sockets of it.
    private final class Connection: Sendable {
        let sockets: [Int32]
        let bytes = Atomic(0)
        let isReset = Atomic(false)
        let isForgotten = Atomic(false)
        let pumps = Atomic(2)

        init(_ sockets: [Int32]) { self.sockets = sockets }

        /// Wakes both directions, which then end.
        func end() { for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) } }

        /// The last direction closes.
        func leave() {
            guard pumps.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 else { return }
            for socket in sockets {
                if isReset.load(ordering: .relaxed) {
                    var now = linger(l_onoff: 1, l_linger: 0)
                    let size = socklen_t(MemoryLayout<linger>.size)
                    setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, size)
                }
                close(socket)
            }
        }
    }

    /// Listens on a port of its own and passes everything on to `target` on this machine.
    package init(to target: Int) throws {
        self.target = target
        (listener, port) = try Loopback.listen()
        Thread.detachNewThread { [self] in accept() }
    }

    /// How often the present fault has touched bytes or a connection.
    package var strikes: Int { state.withLock { $0.strikes } }

    /// Changes what happens from now on, also to connections that are open.
    package func set(_ fault: Fault) {
        let connections = state.withLock { state -> [Connection] in
            state.fault = fault
            state.strikes = 0
            return Array(state.connections.values)
        }
        for connection in connections {
            if fault == .refused { connection.end() }
            if fault == .blackHole(isForgotten: true) {
                connection.isForgotten.store(true, ordering: .relaxed)
            }
        }
    }

    /// Ends everything.
    package func stop() {
        let connections = state.withLock { state -> [Connection] in
            state.isStopped = true
            return Array(state.connections.values)
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in connections { connection.end() }
    }

    private var fault: Fault { state.withLock { $0.fault } }
    private var isStopped: Bool { state.withLock { $0.isStopped } }
    private func strike() { state.withLock { $0.strikes += 1 } }

    private func accept() {
        defer { close(listener) }
        while !isStopped {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            guard fault != .refused, let server = Loopback.connect(to: target) else {
                strike()
                close(client)
                continue
            }
            for socket in [client, server] { Loopback.sendAtOnce(socket) }
            let connection = Connection([client, server])
            state.withLock { state in
                state.connections[ObjectIdentifier(connection)] = connection
            }
            Thread.detachNewThread { [self] in pump(client, server, connection) }
            Thread.detachNewThread { [self] in pump(server, client, connection) }
        }
    }

    private func pump(_ from: Int32, _ to: Int32, _ connection: Connection) {
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0, pass(Array(buffer[..<count]), to, connection) else { break }
        }
        // The other direction may still have something to say, unless all is over.
        if connection.isReset.load(ordering: .relaxed) {
            connection.end()
        } else {
            shutdown(to, Int32(SHUT_WR))
        }
        _ = state.withLock { $0.connections.removeValue(forKey: ObjectIdentifier(connection)) }
        connection.leave()
    }

    /// Sends a piece as the fault of the moment wants it; false where the connection is over.
    private func pass(_ piece: [UInt8], _ to: Int32, _ connection: Connection) -> Bool {
        let fault = self.fault
        switch fault {
        case .none, .reset: break
        default: strike()
        }
        while case .blackHole = self.fault, !isStopped { Thread.sleep(forTimeInterval: 0.005) }
        while connection.isForgotten.load(ordering: .relaxed), !isStopped {
            Thread.sleep(forTimeInterval: 0.02)
        }
        let total = connection.bytes.add(piece.count, ordering: .relaxed).newValue
        switch fault {
        case .none, .refused, .blackHole: return Loopback.send(piece[...], to)
        case .latency(let delay):
            Thread.sleep(forTimeInterval: delay / .seconds(1))
            return Loopback.send(piece[...], to)
        case .slices(let size):
            return sliced(piece, size) { slice in
                defer { Thread.sleep(forTimeInterval: 0.0005) }
                return Loopback.send(slice, to)
            }
        case .bandwidth(let rate):
            return sliced(piece, 512) { slice in
                defer { Thread.sleep(forTimeInterval: Double(slice.count) / Double(rate)) }
                return Loopback.send(slice, to)
            }
        case .reset(let limit):
            guard total >= limit else { return Loopback.send(piece[...], to) }
            strike()
            connection.isReset.store(true, ordering: .relaxed)
            return false
        }
    }

    private func sliced(
        _ piece: [UInt8],
        _ size: Int,
        _ send: (ArraySlice<UInt8>) -> Bool
    ) -> Bool {
        stride(from: 0, to: piece.count, by: size).allSatisfy { start in
            send(piece[start..<min(start + size, piece.count)])
        }
    }
}

/// Sockets of this machine.
private enum Loopback {
    static func listen() throws -> (socket: Int32, port: Int) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && Glibc.listen(socket, 64) == 0
                    && getsockname(socket, $0, &length) == 0
            }
        }
        guard socket >= 0, isListening else { throw RigError("the proxy cannot listen") }
        return (socket, Int(in_port_t(bigEndian: address.sin_port)))
    }

    static func connect(to port: Int) -> Int32? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = address(port: port)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isConnected { return socket }
        close(socket)
        return nil
    }

    static func sendAtOnce(_ socket: Int32) {
        var yes: Int32 = 1
        setsockopt(
            socket,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &yes,
            socklen_t(MemoryLayout<Int32>.size)
        )
    }

    static func send(_ bytes: ArraySlice<UInt8>, _ socket: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }
}
