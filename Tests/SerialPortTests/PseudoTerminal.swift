import Glibc
import Testing

@testable import SerialPort

/// A device on the other end of a line: the master side of a pseudo-terminal.
final class PseudoTerminal: Sendable {
    let master: Int32
    /// The slave side, kept open so that its settings can be asked after a port was closed.
    private let slave: Int32
    let path: String

    init() throws {
        let opened = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(opened >= 0)
        // TIOCSPTLCK and TIOCGPTN, whose macros Swift cannot read: unlock, and ask the number.
        var (locked, number): (Int32, Int32) = (0, 0)
        try #require(ioctl(opened, 0x4004_5431, &locked) == 0)
        try #require(ioctl(opened, 0x8004_5430, &number) == 0)
        path = "/dev/pts/\(number)"
        master = opened
        slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(slave >= 0)
        // As a line is after a boot: neither raw nor fast.
        var line = termios()
        try #require(tcgetattr(slave, &line) == 0)
        cfsetspeed(&line, speed_t(B1200))
        line.c_lflag |= tcflag_t(ICANON)
        try #require(tcsetattr(slave, TCSANOW, &line) == 0)
    }

    deinit {
        close(slave)
        close(master)
    }

    /// What the line is set to.
    var line: termios {
        var line = termios()
        tcgetattr(slave, &line)
        return line
    }

    /// The device sends.
    func send(_ bytes: [UInt8]) throws {
        try #require(write(master, bytes, bytes.count) == bytes.count)
    }

    /// The device takes exactly so many bytes.
    func receive(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while bytes.count < count {
            let length = read(master, &piece, min(piece.count, count - bytes.count))
            try #require(length > 0)
            bytes += piece[..<length]
        }
        return bytes
    }

    /// The device is unplugged.
    func unplug() { dup2(open("/dev/null", O_RDWR | O_CLOEXEC), master) }
}

extension SerialPort {
    /// Reads until so many bytes have come or the port has ended.
    func read(_ count: Int) async -> [UInt8] {
        var bytes: [UInt8] = []
        for await chunk in chunks {
            bytes += chunk.bytes
            if bytes.count >= count { break }
        }
        return bytes
    }
}

/// What opening a path ends in; nil where it is a port.
func failure(
    _ path: String,
    _ settings: LineSettings = LineSettings(baud: 9600)
) async
    -> SerialPortFailure?
{
    do throws(SerialPortFailure) {
        let port = try await SerialPort.open(path, settings)
        await port.close()
        return nil
    } catch {
        return error
    }
}
