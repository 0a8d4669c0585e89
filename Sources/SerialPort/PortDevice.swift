internal import CLinux
internal import Glibc

/// An open character device with its line set; on its end the settings are put back.
struct PortDevice: ~Copyable, Sendable {
    /// The descriptor to wait on.
    let number: Int32
    private let saved: termios
    private let signals: Int32?
    private let overruns: Int

    /// Opens and sets a line.
    ///
    /// It is never created, never becomes the controlling terminal, and
    /// never waits for a carrier.
    static func open(
        _ path: String,
        _ settings: LineSettings
    ) -> Result<PortDevice, SerialPortFailure> {
        var status = stat()
        // Not even opened: a pipe would wait, a file would be read.
        guard stat(path, &status) == 0 else { return failed() }
        guard status.st_mode & S_IFMT == S_IFCHR else { return .failure(.notSerial) }
        let flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
        let number = Glibc.open(path, flags)
        guard number >= 0 else { return failed() }
        switch set(number, settings) {
        case .success(let device): return .success(device)
        case .failure(let failure):
            close(number)
            return .failure(failure)
        }
    }

    private init(_ number: Int32, saved: termios, signals: Int32?) {
        self.number = number
        self.saved = saved
        self.signals = signals
        overruns = Self.lost(number) ?? 0
    }

    deinit {
        if let signals { Self.setSignals(number, signals) }
        var saved = saved
        // What waits in the driver is for nobody any more, and would hold the close up.
        tcflush(number, TCOFLUSH)
        tcsetattr(number, TCSANOW, &saved)
        _ = ioctl(number, UInt(TIOCNXCL), 0)
        // A program that is being started this very moment may hold a copy of the descriptor.
        _ = flock(number, LOCK_UN)
        close(number)
    }

    /// How many bytes the adapter has lost since the port was opened; nil where it does not count.
    borrowing func lost() -> Int? {
        Self.lost(number).map { max(0, $0 - overruns) }
    }

    private static func failed<Success: ~Copyable>() -> Result<Success, SerialPortFailure> {
        .failure(SerialPortFailure(errorNumber: errno))
    }

    private static func set(
        _ number: Int32,
        _ settings: LineSettings
    ) -> Result<PortDevice, SerialPortFailure> {
        var status = stat()
        guard fstat(number, &status) == 0 else { return failed() }
        guard status.st_mode & S_IFMT == S_IFCHR else { return .failure(.notSerial) }
        guard flock(number, LOCK_EX | LOCK_NB) == 0 else { return failed() }
        // Keeps out those who ask for no lock; a superuser's processes pass it.
        guard ioctl(number, UInt(TIOCEXCL), 0) == 0 || errno == ENOTTY else { return failed() }
        var saved = termios()
        guard tcgetattr(number, &saved) == 0 else { return failed() }
        guard let wanted = settings.applied(to: saved) else { return .failure(.settingsRefused) }
        var copy = wanted
        guard tcsetattr(number, TCSANOW, &copy) == 0 else { return failed() }
        // It succeeds where anything was taken: ask what was.
        var taken = termios()
        guard tcgetattr(number, &taken) == 0 else { return failed() }
        guard wanted.hasLine(of: taken) else {
            tcsetattr(number, TCSANOW, &saved)
            return .failure(.settingsRefused)
        }
        let signals = signals(number)
        if let signals { setSignals(number, settings.signals(from: signals)) }
        return .success(PortDevice(number, saved: saved, signals: signals))
    }

    /// The modem lines; nil for a device without them, such as a pseudo-terminal.
    private static func signals(_ number: Int32) -> Int32? {
        var signals: Int32 = 0
        return ioctl(number, UInt(TIOCMGET), &signals) == 0 ? signals : nil
    }

    private static func setSignals(_ number: Int32, _ signals: Int32) {
        var signals = signals
        _ = ioctl(number, UInt(TIOCMSET), &signals)
    }

    /// How many bytes the adapter has lost; nil where it does not count.
    private static func lost(_ number: Int32) -> Int? {
        var counters = serial_icounter_struct()
        guard ioctl(number, UInt(TIOCGICOUNT), &counters) == 0 else { return nil }
        return Int(counters.overrun) + Int(counters.buf_overrun)
    }
}
