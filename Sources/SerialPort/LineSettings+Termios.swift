internal import Glibc

extension LineSettings {
    /// A raw line with these settings, made from what it was; nil for settings that cannot be.
    ///
    /// Bytes with a wrong parity or stop bit, and breaks, are marked in what is read.
    func applied(to old: termios) -> termios? {
        guard let speed = LineSpeed.code(baud), let size = Self.sizes[dataBits],
            (1...2).contains(stopBits)
        else { return nil }
        var line = old
        line.c_iflag = tcflag_t(PARMRK | INPCK)
        line.c_oflag = 0
        line.c_lflag = 0
        line.c_cflag &= ~tcflag_t(CSIZE | CSTOPB | PARENB | PARODD)
        line.c_cflag &= ~Self.handshake
        line.c_cflag |= tcflag_t(CREAD | CLOCAL) | size
        if stopBits == 2 { line.c_cflag |= tcflag_t(CSTOPB) }
        if parity != .none { line.c_cflag |= tcflag_t(PARENB) }
        if parity == .odd { line.c_cflag |= tcflag_t(PARODD) }
        withUnsafeMutableBytes(of: &line.c_cc) { characters in
            // A read that has nothing must differ from one whose device is gone.
            characters[Int(VMIN)] = 1
            characters[Int(VTIME)] = 0
        }
        guard cfsetispeed(&line, speed) == 0, cfsetospeed(&line, speed) == 0 else { return nil }
        return line
    }

    /// The modem lines with DTR and RTS as wanted.
    func signals(from old: Int32) -> Int32 {
        var signals = old & ~(Int32(TIOCM_DTR) | Int32(TIOCM_RTS))
        if dtr { signals |= Int32(TIOCM_DTR) }
        if rts { signals |= Int32(TIOCM_RTS) }
        return signals
    }

    private static let sizes: [Int: tcflag_t] = [
        5: tcflag_t(CS5), 6: tcflag_t(CS6), 7: tcflag_t(CS7), 8: tcflag_t(CS8),
    ]

    /// CRTSCTS, whose number does not fit the type that it is imported with.
    private static let handshake: tcflag_t = 0o20_000_000_000
}

extension termios {
    /// True where speed, size, parity and stop bits are those of `other`.
    func hasLine(of other: termios) -> Bool {
        var (one, two) = (self, other)
        let mask = tcflag_t(CSIZE | CSTOPB | PARENB | PARODD)
        return c_cflag & mask == other.c_cflag & mask && cfgetospeed(&one) == cfgetospeed(&two)
    }
}
