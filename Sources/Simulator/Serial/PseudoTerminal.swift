#if canImport(Glibc)
import Glibc
#endif

/// A serial port that is none: what a device would be plugged into.
package final class PseudoTerminal: SerialPort {
    private let descriptor: Int32
    /// Held open, so that what is sent waits for a listener and the settings stay.
    private let held: Int32
    /// The path that a listener opens.
    package let path: String
    private let link: String?

    /// Makes a pair; `link` is a name that points to its path until this is gone.
    package init(link: String? = nil) throws(SimulatorFailure) {
        var (descriptor, held): (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 256)
        guard openpty(&descriptor, &held, &name, nil, nil) == 0 else {
            throw SimulatorFailure("openpty", "/dev/ptmx")
        }
        let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        for each in [descriptor, held] { _ = fcntl(each, F_SETFD, FD_CLOEXEC) }
        guard Self.makeRaw(held), Self.makePatient(descriptor) else {
            let failure = SimulatorFailure("tcsetattr", path)
            close(held)
            close(descriptor)
            throw failure
        }
        if let link {
            unlink(link)
            guard symlink(path, link) == 0 else {
                let failure = SimulatorFailure("symlink", link)
                close(held)
                close(descriptor)
                throw failure
            }
        }
        self.descriptor = descriptor
        self.held = held
        self.path = path
        self.link = link
    }

    /// Opens a port that is there already.
    package init(port path: String) throws(SimulatorFailure) {
        let descriptor = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SimulatorFailure("open", path) }
        _ = Self.makeRaw(descriptor)
        self.descriptor = descriptor
        held = -1
        self.path = path
        link = nil
    }

    deinit {
        if let link { unlink(link) }
        if held >= 0 { close(held) }
        close(descriptor)
    }

    package func write(_ bytes: [UInt8]) throws(SimulatorFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN || errno == EINTR {
                // Nobody listens, and the buffer is full: what a line does then is lose bytes.
                if errno == EAGAIN { return }
                continue
            }
            guard count > 0 else { throw SimulatorFailure("write", path) }
            rest = rest.dropFirst(count)
        }
    }

    package func read() throws(SimulatorFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        if count < 0, errno == EAGAIN || errno == EINTR || errno == EIO { return [] }
        guard count >= 0 else { throw SimulatorFailure("read", path) }
        return Array(bytes.prefix(count))
    }

    private static func makeRaw(_ descriptor: Int32) -> Bool {
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else { return false }
        cfmakeraw(&settings)
        return tcsetattr(descriptor, TCSANOW, &settings) == 0
    }

    /// Reading answers at once where nothing has come.
    private static func makePatient(_ descriptor: Int32) -> Bool {
        let flags = fcntl(descriptor, F_GETFL)
        return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0
    }
}
