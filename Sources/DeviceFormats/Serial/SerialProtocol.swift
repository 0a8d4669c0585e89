/// How one family of devices speaks over a serial line: bytes and moments in, actions out.
///
/// A pure state machine: the driver around it opens the port, carries the bytes, keeps the clock,
/// and acts. It never loses a byte: what was received is in the recording of some action, or was
/// counted as noise. One value serves one opening of one port.
package protocol SerialProtocol: Sendable {
    /// Takes what the device sent; `moment` is on the driver's own clock, which never turns back.
    mutating func receive(_ bytes: ArraySlice<UInt8>, at moment: Duration) -> [SerialAction]
    /// Takes the moment that an action `wake` asked for, or any other without bytes.
    mutating func silent(at moment: Duration) -> [SerialAction]
    /// Takes the end: the device was detached or the port closed.
    mutating func end(at moment: Duration) -> [SerialAction]
}

extension SerialProtocol {
    /// Takes what the device sent.
    package mutating func receive(_ bytes: [UInt8], at moment: Duration) -> [SerialAction] {
        receive(bytes[...], at: moment)
    }
}

/// What the driver is to do, in the order given.
package enum SerialAction: Equatable, Sendable {
    /// Write these bytes now.
    case send([UInt8])
    /// Keep a whole transmission: a document.
    case document(SerialRecording)
    /// Keep what came of a transmission that is not whole, as a document as well, and say why.
    case partial(SerialRecording, SerialRecording.Break)
    /// Show what the device is doing now; never a measurement.
    case live(SerialLiveState)
    /// So many bytes that belong to no transmission went by.
    case noise(Int)
    /// What comes looks like another speed or parity than the line is set to; told once until
    /// something whole has come.
    case wrongBaud
    /// Call `silent(at:)` at this moment, unless bytes come first; replaces the one before.
    case wake(Duration)
}

/// What a device shows while it is used; nothing of it is a result.
package enum SerialLiveState: Equatable, Sendable {
    /// What stands in a phoropter at this moment.
    case phoropter(PhoropterState)
}

/// The settings of a serial line.
package struct SerialLine: Equatable, Sendable {
    /// The bit that guards each byte.
    package enum Parity: String, Sendable, CaseIterable {
        case none, even, odd
    }

    /// Bits per second, such as 9600.
    package var baud: Int
    /// 7 or 8.
    package var dataBits: Int
    package var parity: Parity
    /// 1 or 2.
    package var stopBits: Int
    /// Whether the line Data Terminal Ready is raised.
    package var dtr: Bool
    /// Whether the line Request To Send is raised.
    package var rts: Bool

    /// Takes the parts as they are.
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
