import Crypto
import Shared
import Sync

/// What a device is called at this PC for good, wherever in the session it is plugged in.
enum DeviceKey {
    /// Keys for `device`, the best first: a later one is for where another device has the first.
    ///
    /// An adapter with a serial number is known by it on every port. Without one (Prolific, CH340)
    /// the port itself is all that tells two of them apart.
    static func candidates(for device: AttachedDevice) -> [String] {
        let adapter = device.adapter
        let part = device.part.map { ":\($0)" } ?? ""
        var keys: [String] = []
        switch device.attachment {
        case .media:
            keys += [adapter.serial, device.fileSystem].compactMap(\.self).map {
                "media:\($0)\(part)"
            }
            keys.append("media:\(device.node)")
        case .serial, .folder, .cardReader:
            if let vendor = adapter.vendor, let product = adapter.product,
                let serial = adapter.serial
            {
                keys.append("usb:\(vendor):\(product):\(serial)\(part)")
            }
            if let port = adapter.portPath { keys.append("port:\(port)") }
            keys.append("port:\(device.node)")
        }
        return keys.map { String($0.prefix(maximumLength)) }
    }

    /// The key of a configured source.
    static func source(_ name: String) -> String { "source:\(name)" }

    /// The name of the source in the facts of a device's documents: `a–z`, `0–9` and `-`, at most
    /// 32, as the names of configured sources are.
    static func sourceName(of key: String) -> String {
        let words = key.lowercased().split { character in
            !(character.isASCII && (character.isLetter || character.isNumber))
        }
        let name = words.joined(separator: "-")
        guard name.utf8.count > 32 || name.isEmpty else { return name }
        // The digest keeps two long keys apart that begin alike.
        let digest = Digest256(of: Array(key.utf8)).hexadecimal.prefix(8)
        return "\(name.prefix(23))-\(digest)"
    }

    private static let maximumLength = 200
}
