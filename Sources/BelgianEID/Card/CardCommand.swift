/// The command APDUs that are sent: none of them writes, and none tries a PIN.
///
/// Source: Fedict, Public Belpic Applet v1.8 Reference Manual.
enum CardCommand {
    /// The applet; it is also selected by default after a reset.
    static let selectApplet: [UInt8] =
        [0x00, 0xA4, 0x04, 0x00, 0x0F] + [
            0xA0, 0x00, 0x00, 0x00, 0x30, 0x29, 0x05, 0x70, 0x00, 0xAD, 0x13, 0x10, 0x01, 0x01,
            0xFF,
        ]

    /// 28 bytes with the applet's version.
    static let cardData: [UInt8] = [0x80, 0xE4, 0x00, 0x00, 0x1C]

    /// Selects by the whole path, as most software does.
    static func select(path: [UInt16]) -> [UInt8] {
        [0x00, 0xA4, 0x08, 0x0C, UInt8(path.count * 2)] + path.flatMap(bytes)
    }

    /// Selects one step of a path, for applets that know no paths.
    static func select(_ identifier: UInt16) -> [UInt8] {
        [0x00, 0xA4, 0x02, 0x0C, 0x02] + bytes(identifier)
    }

    /// `length` of 256 is written as 0; the offset has fifteen bits.
    static func read(offset: Int, length: Int) -> [UInt8] {
        precondition((0...0x7FFF).contains(offset), "a longer offset names another file")
        return [0x00, 0xB0] + bytes(UInt16(offset)) + [UInt8(truncatingIfNeeded: length)]
    }

    /// Fetches what a card with T=0 has ready.
    static func response(length: UInt8) -> [UInt8] { [0x00, 0xC0, 0x00, 0x00, length] }

    private static func bytes(_ number: UInt16) -> [UInt8] {
        [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
    }
}
