package import Shared

/// A fact that shall go to the Hub and has no number yet.
package struct NewOperation: Equatable, Sendable {
    /// Stable over every attempt to send it: the Hub knows a repeated one by it.
    package let id: Identifier
    /// `document`, `reading`: see Sync/Facts.
    package let kind: String
    /// The version of the payload's shape.
    package let version: Int
    /// Canonical JSON, as `JSON.encode` gives it.
    package let payload: [UInt8]

    package init(id: Identifier, kind: String, version: Int, payload: [UInt8]) {
        self.id = id
        self.kind = kind
        self.version = version
        self.payload = payload
    }
}
