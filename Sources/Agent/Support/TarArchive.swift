package import Shared

/// A tar archive of plain files (POSIX ustar), put together in memory.
package struct TarArchive: Sendable {
    private var bytes: [UInt8] = []
    private let now: Instant

    private static let block = 512

    /// Every file has the time `now`.
    package init(now: Instant) { self.now = now }

    /// Adds a file.
    ///
    /// `name` is ASCII and has at most 100 characters: names are the program's own.
    package mutating func add(_ name: String, _ content: [UInt8]) {
        precondition(name.utf8.count <= 100 && name.allSatisfy(\.isASCII), "a short ASCII name")
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        put(name, at: 0)
        put(Self.octal(0o600, digits: 7), at: 100)
        put(Self.octal(0, digits: 7), at: 108)
        put(Self.octal(0, digits: 7), at: 116)
        put(Self.octal(content.count, digits: 11), at: 124)
        put(Self.octal(Int(max(0, now.milliseconds / 1000)), digits: 11), at: 136)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        // The sum is made with its own field full of spaces.
        put(String(repeating: " ", count: 8), at: 148)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(Self.octal(sum, digits: 6), at: 148)
        header[154] = 0
        bytes += header + content
        bytes += [UInt8](
            repeating: 0,
            count: (Self.block - content.count % Self.block) % Self.block
        )
    }

    /// The archive whole.
    package var content: [UInt8] { bytes + [UInt8](repeating: 0, count: 2 * Self.block) }

    private static func octal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
