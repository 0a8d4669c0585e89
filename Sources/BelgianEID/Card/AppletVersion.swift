/// The version of the card's applet: `1.8`.
package struct AppletVersion: Hashable, Sendable, CustomStringConvertible {
    package let major: UInt8, minor: UInt8

    /// Reads it from the answer to GET CARD DATA, where it stands in byte 21.
    init?(cardData: some RandomAccessCollection<UInt8>) {
        guard cardData.count >= 22 else { return nil }
        let byte = cardData[cardData.index(cardData.startIndex, offsetBy: 21)]
        guard byte >> 4 == 1 else { return nil }
        major = byte >> 4
        minor = byte & 15
    }

    /// What an answer to reset tells where the card gives no data; nil for a card of no known kind.
    ///
    /// One answer serves all versions from 1.1 to 1.7, so they are not told apart.
    package init?(answerToReset: some Sequence<UInt8>) {
        let bytes = Array(answerToReset)
        if bytes == Self.current {
            (major, minor) = (1, 8)
        } else if bytes.count == Self.old.count,
            zip(bytes, zip(Self.old, Self.mask)).allSatisfy({ $0 & $1.1 == $1.0 & $1.1 })
        {
            (major, minor) = (1, bytes[4] == 0xFF ? 0 : 1)
        } else {
            return nil
        }
    }

    package var description: String { "\(major).\(minor)" }

    /// How long the card wants between naming the right length and being asked with it.
    ///
    /// Cards before 1.8 are slower than their readers: Fedict's middleware waits as well.
    var pauseMilliseconds: Int {
        switch (major, minor) {
        case (1, 0): 50
        case (1, ..<8): 10
        default: 0
        }
    }

    private static let current: [UInt8] = [
        0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0x80, 0x65, 0xB0, 0x85, 0x04, 0x01, 0x20, 0x12,
        0x0F, 0xFF, 0x82, 0x90, 0x00,
    ]
    private static let old: [UInt8] = [
        0x3B, 0x98, 0x00, 0x40, 0x00, 0xA5, 0x03, 0x01, 0x01, 0x01, 0xAD, 0x13, 0x00,
    ]
    private static let mask: [UInt8] = [
        0xFF, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00,
    ]
}
