import Crypto
import Shared

/// Seals what is personal before it enters the store, and opens it again: AES-256-GCM.
///
/// The layout is documented in docs/STORE.md: format (1 byte), key version (4), nonce (12),
/// ciphertext, tag (16). Table, row, column and key version are authenticated, so that sealed
/// bytes that were moved to another place do not open.
package struct Sealer: Sendable {
    private let key: SymmetricKey
    private let pathKey: SymmetricKey
    private let version: UInt32

    private static let format: UInt8 = 1
    private static let headerBytes = 5
    private static let nonceBytes = 12
    private static let tagBytes = 16

    /// How many messages one key may seal under random nonces (NIST SP 800-38D, 8.3).
    package static let maximumMessages: Int64 = 1 << 32

    /// Where sealed bytes stand.
    package struct Place: Sendable {
        let table: String
        let column: String
        let row: [UInt8]

        package init(_ table: String, _ column: String, row: [UInt8]) {
            self.table = table
            self.column = column
            self.row = row
        }
    }

    /// Takes the key that is in force.
    package init(_ key: SealingKey, version: UInt32 = 1) {
        self.key = SymmetricKey(data: key.bytes)
        pathKey = key.pathKey
        self.version = version
    }

    /// Seals `content` for `place`.
    ///
    /// Errors: `keyExhausted` never; the store counts. `damaged` where the cipher refuses.
    package func seal(
        _ content: some Collection<UInt8>,
        at place: Place
    ) throws(SealingError) -> [UInt8] {
        let header = Self.header(version)
        do {
            let box = try AES.GCM.seal(
                Array(content),
                using: key,
                authenticating: Self.associated(header, place)
            )
            guard let combined = box.combined else { throw place.damaged }
            return header + combined
        } catch {
            throw place.damaged
        }
    }

    /// Opens what was sealed for `place`.
    ///
    /// Errors: `damaged` for anything that this key did not seal for this place.
    package func open(
        _ sealed: some Collection<UInt8>,
        at place: Place
    ) throws(SealingError) -> [UInt8] {
        let header = Array(sealed.prefix(Self.headerBytes))
        guard header == Self.header(version),
            sealed.count >= Self.headerBytes + Self.nonceBytes + Self.tagBytes
        else { throw place.damaged }
        do {
            let box = try AES.GCM.SealedBox(combined: Array(sealed.dropFirst(Self.headerBytes)))
            return Array(
                try AES.GCM.open(box, using: key, authenticating: Self.associated(header, place))
            )
        } catch {
            throw place.damaged
        }
    }

    /// The key of the hashes that stand for the paths of one source in the store: 16 bytes.
    package func pathHashKey(source: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(source.utf8), using: pathKey).prefix(16))
    }

    private static func header(_ version: UInt32) -> [UInt8] {
        [format] + withUnsafeBytes(of: version.bigEndian) { Array($0) }
    }

    private static func associated(_ header: [UInt8], _ place: Place) -> [UInt8] {
        let separator: [UInt8] = [0]
        return header + Array(place.table.utf8) + separator + Array(place.column.utf8) + separator
            + place.row
    }
}

extension Sealer.Place {
    fileprivate var damaged: SealingError { .damaged(table: table, column: column) }
}
