/// The code with which a browser on the Agent's own PC says where it stands.
package struct WorkstationReply: Equatable, Sendable, Codable {
    /// `7K3F-9QXZ`: once, and for `validSeconds`.
    package var code: String
    /// The page that takes it; nil where the Hub does not know how browsers call it.
    package var address: String?
    package var validSeconds: Int

    /// Takes the parts as they are.
    package init(code: String, address: String?, validSeconds: Int) {
        self.code = code
        self.address = address
        self.validSeconds = validSeconds
    }
}
