/// What a receiver makes of bytes that come at another speed than it is set to.
enum LineSpeed {
    /// Reads the line as a receiver does: it waits for a start bit, and then looks at the middle of
    /// each of the eight bits that it expects.
    static func heard(_ bytes: [UInt8], sentAt sent: Int, heardAt heard: Int) -> [UInt8] {
        // The line at rest is high; each byte is a low start bit, eight bits, and a high stop bit.
        var line: [Bool] = []
        for byte in bytes {
            line.append(false)
            for bit in 0..<8 { line.append(byte >> UInt8(bit) & 1 == 1) }
            line.append(true)
        }
        let levels = line
        func level(at moment: Int) -> Bool {
            // Moments are counted in units that both bit lengths are whole multiples of.
            let place = moment / heard
            return place < levels.count ? levels[place] : true
        }
        var received: [UInt8] = []
        var moment = 0
        let end = line.count * heard
        while moment < end {
            guard !level(at: moment) else {
                moment += heard
                continue
            }
            var byte: UInt8 = 0
            for bit in 0..<8 where level(at: moment + sent * (3 + 2 * bit) / 2) {
                byte |= 1 << UInt8(bit)
            }
            received.append(byte)
            moment += sent * 19 / 2
            // The receiver looks for the next start bit where the line is high again.
            while moment < end, !level(at: moment) { moment += heard }
        }
        return received
    }
}
