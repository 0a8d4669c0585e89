import Glibc
import Testing

@testable import SerialPort

@Suite struct LineTests {
    @Test func `9600 8N2 is set while the port is open, and what was before is put back`()
        async throws
    {
        let device = try PseudoTerminal()
        let before = device.line
        let settings = LineSettings(baud: 9600, stopBits: 2)
        let port = try await SerialPort.open(device.path, settings)
        var line = device.line
        #expect(cfgetispeed(&line) == speed_t(B9600))
        #expect(cfgetospeed(&line) == speed_t(B9600))
        #expect(line.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS8))
        #expect(line.c_cflag & tcflag_t(CSTOPB) != 0)
        #expect(line.c_cflag & tcflag_t(PARENB) == 0)
        #expect(line.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == 0)
        #expect(line.c_oflag & tcflag_t(OPOST) == 0)
        #expect(line.c_iflag & tcflag_t(IXON | ICRNL | ISTRIP) == 0)
        await port.close()
        line = device.line
        #expect(cfgetospeed(&line) == speed_t(B1200))
        #expect(line.c_cflag == before.c_cflag)
        #expect(line.c_lflag == before.c_lflag)
        #expect(line.c_iflag == before.c_iflag)
        #expect(line.c_oflag == before.c_oflag)
    }

    @Test func `what is no serial port is refused, and never created`() async throws {
        #expect(await failure("/dev/clinic-gateway-none") == .notFound)
        #expect(access("/dev/clinic-gateway-none", F_OK) != 0)
        #expect(await failure("/proc/self/status") == .notSerial)
        #expect(await failure("/tmp") == .notSerial)
        #expect(await failure("/dev/null") == .notSerial)
    }

    @Test(
        arguments: [
            LineSettings(baud: 9601), LineSettings(baud: 0), LineSettings(baud: 9600, dataBits: 9),
            LineSettings(baud: 9600, dataBits: 4), LineSettings(baud: 9600, stopBits: 0),
            LineSettings(baud: 9600, stopBits: 3),
            // A pseudo-terminal has no parity: what a line does not take is told.
            LineSettings(baud: 9600, dataBits: 7, parity: .even),
        ]
    )
    func `settings that cannot be are refused, and the line is as it was`(
        settings: LineSettings
    ) async throws {
        let device = try PseudoTerminal()
        let before = device.line
        #expect(await failure(device.path, settings) == .settingsRefused)
        #expect(device.line.c_cflag == before.c_cflag)
        #expect(device.line.c_lflag == before.c_lflag)
        #expect(await failure(device.path) == nil)
    }

    @Test func `every parity, size and stop bit has its flags`() throws {
        let old = termios()
        let even = try #require(
            LineSettings(baud: 2400, dataBits: 7, parity: .even, stopBits: 2).applied(to: old)
        )
        #expect(even.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS7))
        #expect(even.c_cflag & tcflag_t(PARENB | PARODD) == tcflag_t(PARENB))
        #expect(even.c_cflag & tcflag_t(CSTOPB) != 0)
        let odd = try #require(LineSettings(baud: 2400, parity: .odd).applied(to: even))
        #expect(odd.c_cflag & tcflag_t(PARENB | PARODD) == tcflag_t(PARENB | PARODD))
        #expect(odd.c_cflag & tcflag_t(CSIZE | CSTOPB) == tcflag_t(CS8))
        #expect(!even.hasLine(of: odd))
        #expect(odd.hasLine(of: odd))
        #expect(LineSpeed.supported == LineSpeed.supported.sorted())
        #expect(LineSpeed.supported.contains(2400))
    }

    @Test func `DTR and RTS are raised and dropped without touching the other lines`() {
        let others = Int32(TIOCM_CTS | TIOCM_DSR)
        let both = Int32(TIOCM_DTR | TIOCM_RTS)
        let raised = LineSettings(baud: 9600).signals(from: others)
        #expect(raised == others | both)
        let dropped = LineSettings(baud: 9600, dtr: false, rts: false).signals(from: raised)
        #expect(dropped == others)
        #expect(
            LineSettings(baud: 9600, rts: false).signals(from: 0) == Int32(TIOCM_DTR)
        )
    }

    @Test func `marks of faults are taken out of what is read, wherever it is split`() {
        let input: [UInt8] = [
            0x41, 0xFF, 0xFF, 0x42, 0xFF, 0x00, 0x43, 0xFF, 0x00, 0x00, 0x44, 0xFF, 0xFF,
        ]
        let bytes: [UInt8] = [0x41, 0xFF, 0x42, 0x43, 0x00, 0x44, 0xFF]
        for size in 1...input.count {
            var marks = ParityMarks()
            var all = ParityMarks.Taken()
            for start in stride(from: 0, to: input.count, by: size) {
                let taken = marks.take(input[start..<min(start + size, input.count)])
                all.bytes += taken.bytes
                all.faults += taken.faults
                all.breaks += taken.breaks
            }
            #expect(all == ParityMarks.Taken(bytes: bytes, faults: 1, breaks: 1))
        }
    }
}
