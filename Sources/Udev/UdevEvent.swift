/// What udev tells: always after its rules have run, so that node, properties and permissions are
/// there.
package enum UdevEvent: Sendable, Hashable {
    /// Was attached before the sequence began.
    case present(UdevDevice)
    case added(UdevDevice)
    /// Is attached, and udev says something else of it.
    case changed(UdevDevice)
    /// Is gone; as it was last.
    case removed(UdevDevice)
    /// Everything that was attached at the beginning has been told. Once.
    case settled
}

/// Why udev cannot be listened to.
package enum UdevError: Error, Equatable, CustomStringConvertible {
    /// libudev gives no context or no list: there is no memory, or no `/sys`.
    case noContext(errno: Int32)
    /// No socket for udev's messages; `EAFNOSUPPORT` where the service may have no netlink.
    case noMonitor(errno: Int32)
    /// The socket gives nothing but errors.
    case receiving(errno: Int32)
    /// No thread could be started, or no descriptor is left.
    case noThread

    package var description: String {
        switch self {
        case .noContext(let number): "Devices cannot be listed (errno \(number))."
        case .noMonitor(let number): "udev cannot be listened to (errno \(number))."
        case .receiving(let number): "udev's messages cannot be received (errno \(number))."
        case .noThread: "No thread or descriptor is left to listen to udev."
        }
    }
}
