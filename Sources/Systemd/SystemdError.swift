/// What went wrong between the process and the service manager.
package enum SystemdError: Error, Sendable, Hashable {
    /// `NOTIFY_SOCKET` is neither an absolute path nor an abstract name, or too long for a socket.
    case socketAddress
    /// The operating system refused a call.
    case system(errno: Int32)
    /// There is no credential of this name.
    case credentialMissing(name: String)
    /// The credential has more bytes than are allowed.
    case credentialTooLarge(name: String, maximumBytes: Int)
    /// The name could leave the credentials' folder.
    case credentialName
}
