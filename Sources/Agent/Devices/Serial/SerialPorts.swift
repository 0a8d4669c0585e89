import DeviceFormats
import SerialPort

/// Opens the system's serial ports.
enum SerialPorts {
    static let open: SerialOpening = {
        (node, line) async throws(DriverFailure) -> any SerialConnection in
        do throws(SerialPortFailure) {
            return OpenPort(try await SerialPort.open(node, LineSettings(line)))
        } catch {
            throw DriverFailure(error)
        }
    }
}

/// A port that is open, as the driver sees it.
private final class OpenPort: SerialConnection {
    private let port: SerialPort

    /// Longer than any answer to a device takes at 300 bits per second.
    private static let writeDeadline = Duration.seconds(10)

    init(_ port: SerialPort) { self.port = port }

    func receive() async throws(DriverFailure) -> [UInt8]? {
        var chunks = port.chunks.makeAsyncIterator()
        if let chunk = await chunks.next() { return chunk.bytes }
        guard !Task.isCancelled, let ending = port.ending, ending != .closed else { return nil }
        throw DriverFailure(ending)
    }

    func send(_ bytes: [UInt8]) async throws(DriverFailure) {
        do throws(SerialPortFailure) {
            try await port.write(bytes, deadline: Self.writeDeadline)
        } catch {
            throw DriverFailure(error)
        }
    }

    func close() async { await port.close() }
}

extension LineSettings {
    fileprivate init(_ line: SerialLine) {
        let parity: Parity =
            switch line.parity {
            case .none: .none
            case .even: .even
            case .odd: .odd
            }
        self.init(
            baud: line.baud,
            dataBits: line.dataBits,
            parity: parity,
            stopBits: line.stopBits,
            dtr: line.dtr,
            rts: line.rts
        )
    }
}

extension DriverFailure {
    /// What to tell a person of a port that fails.
    init(_ failure: SerialPortFailure) {
        let sentence =
            switch failure {
            case .notFound: "The port is not there (any more)."
            case .permissionDenied:
                "The service may not open the port: either its group has no right to it, or the "
                    + "kernel loaded the adapter's driver after the service had started; then "
                    + "systemctl restart clinic-agent helps."
            case .notSerial: "This is no serial port."
            case .busy:
                "Another program has the port open: ModemManager, brltty, or the device's own."
            case .settingsRefused: "The adapter does not take the line settings."
            case .detached: "The port has hung up: the adapter was unplugged, or has failed."
            case .closed: "The port was closed."
            case .timedOut: "The line did not take an answer in time."
            case .overloaded: "The system has no thread or descriptor left for the port."
            case .ioError(let number): "The port cannot be used (errno \(number))."
            }
        self.init(failure.code, sentence)
    }
}
