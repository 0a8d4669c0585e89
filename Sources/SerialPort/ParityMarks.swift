/// Takes the marks of the line discipline out of what was read (termios(3), PARMRK).
///
/// `FF FF` is a byte FF; `FF 00 x` is a byte x with a wrong parity or stop bit; `FF 00 00` is a
/// break, or a zero with such a fault.
struct ParityMarks {
    /// What a piece of input holds.
    struct Taken: Equatable {
        var bytes: [UInt8] = []
        var faults = 0
        var breaks = 0
    }

    private enum State { case plain, marked, faulty }
    private var state = State.plain

    /// Takes a piece, which may begin and end inside a mark.
    mutating func take(_ input: ArraySlice<UInt8>) -> Taken {
        var taken = Taken()
        taken.bytes.reserveCapacity(input.count)
        for byte in input {
            switch (state, byte) {
            case (.plain, 0xFF): state = .marked
            case (.plain, _): taken.bytes.append(byte)
            case (.marked, 0x00): state = .faulty
            case (.marked, _):
                // Twice the mark is the byte itself; nothing else follows one.
                taken.bytes.append(0xFF)
                if byte != 0xFF { taken.bytes.append(byte) }
                state = .plain
            case (.faulty, 0x00):
                taken.breaks += 1
                taken.bytes.append(0)
                state = .plain
            case (.faulty, _):
                taken.faults += 1
                taken.bytes.append(byte)
                state = .plain
            }
        }
        return taken
    }
}
