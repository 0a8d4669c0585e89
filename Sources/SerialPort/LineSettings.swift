/// How a serial line is to be set.
package struct LineSettings: Equatable, Sendable {
    /// The bit that guards each byte.
    package enum Parity: Sendable {
        case none, even, odd
    }

    /// Bits per second: one of `LineSpeed.supported`.
    package var baud: Int
    /// 5 to 8.
    package var dataBits: Int
    package var parity: Parity
    /// 1 or 2.
    package var stopBits: Int
    /// Whether Data Terminal Ready is raised.
    package var dtr: Bool
    /// Whether Request To Send is raised.
    package var rts: Bool

    /// Takes the parts as they are; `SerialPort.open` checks them.
    package init(
        baud: Int,
        dataBits: Int = 8,
        parity: Parity = .none,
        stopBits: Int = 1,
        dtr: Bool = true,
        rts: Bool = true
    ) {
        self.baud = baud
        self.dataBits = dataBits
        self.parity = parity
        self.stopBits = stopBits
        self.dtr = dtr
        self.rts = rts
    }
}
