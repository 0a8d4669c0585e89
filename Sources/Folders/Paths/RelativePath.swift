/// The path of a file or folder below a watched root, as the file system spells it.
///
/// Names are bytes: anything but a slash and NUL is legal, and device software writes whatever
/// its code page holds. The bytes are therefore the truth; `text` is a lossless way to show them.
package struct RelativePath: Sendable, Hashable {
    /// The longest path that is accepted, in bytes.
    package static let maximumBytes = 16_384

    /// The raw bytes: components joined by slashes, without a slash at either end.
    package let bytes: [UInt8]

    /// Takes raw bytes; nil where they could leave the root, or name nothing.
    package init?(bytes: [UInt8]) {
        guard !bytes.isEmpty, bytes.count <= Self.maximumBytes, !bytes.contains(0) else {
            return nil
        }
        for component in bytes.split(separator: slash, omittingEmptySubsequences: false) {
            guard !component.isEmpty, !component.elementsEqual([dot]),
                !component.elementsEqual([dot, dot])
            else { return nil }
        }
        self.bytes = bytes
    }

    /// Takes bytes that the file system itself has listed.
    init(listed bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The last component, as lossless text.
    package var name: String {
        PathText.text(bytes[nameStart...])
    }

    /// The enclosing folders below the root, as lossless text, the outermost first.
    package var folders: [String] {
        bytes.split(separator: slash).dropLast().map { PathText.text($0) }
    }

    /// The enclosing folder; nil directly below the root.
    package var parent: RelativePath? {
        nameStart == 0 ? nil : RelativePath(listed: Array(bytes[..<(nameStart - 1)]))
    }

    /// The bytes of the last component.
    var nameBytes: ArraySlice<UInt8> { bytes[nameStart...] }

    private var nameStart: Int {
        bytes.lastIndex(of: slash).map { $0 + 1 } ?? 0
    }
}

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")
