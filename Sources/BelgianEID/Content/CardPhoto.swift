package import Shared

/// The holder's photo: a JPEG, grey or in colours, of a size that changes over the years.
package struct CardPhoto: Sendable {
    package let bytes: SecretBytes
    /// In pixels, as the JPEG says.
    package let width: Int, height: Int
    package let isGrey: Bool

    /// Looks for the frame's head; nil where the bytes are no JPEG that a browser would show.
    package init?(_ bytes: SecretBytes) {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return nil }
        var position = 2
        while position + 9 < bytes.count, bytes[position] == 0xFF {
            let marker = bytes[position + 1]
            if marker == 0xFF {
                position += 1
                continue
            }
            let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
            guard length >= 2 else { return nil }
            if (0xC0...0xC2).contains(marker) {
                height = Int(bytes[position + 5]) << 8 | Int(bytes[position + 6])
                width = Int(bytes[position + 7]) << 8 | Int(bytes[position + 8])
                isGrey = bytes[position + 9] == 1
                guard (1...2000).contains(width), (1...2000).contains(height) else { return nil }
                self.bytes = bytes
                return
            }
            position += 2 + length
        }
        return nil
    }
}
