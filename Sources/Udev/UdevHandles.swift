internal import CUdev
internal import Glibc

// libudev's objects, each with one owner; none of them leaves the thread that made it.

/// The library's context.
struct UdevContext: ~Copyable {
    let pointer: OpaquePointer

    init() throws(UdevError) {
        guard let made = udev_new() else { throw .noContext(errno: errno) }
        pointer = made
    }

    deinit { udev_unref(pointer) }

    /// Everything of `subsystems` that is attached now and that udev is done with.
    ///
    /// What udev still works on is told by an event.
    func devices(of subsystems: [String]) throws(UdevError) -> [UdevDevice] {
        let list = try UdevEnumeration(self)
        for subsystem in subsystems { try list.match(subsystem) }
        return try list.scan().compactMap { path in
            UdevDeviceHandle(taking: udev_device_new_from_syspath(pointer, path))?.copy()
        }
    }
}

/// A search for devices.
struct UdevEnumeration: ~Copyable {
    private let pointer: OpaquePointer

    /// More devices than any PC has; the rest is not looked at.
    static let maximumDevices = 4096

    init(_ context: borrowing UdevContext) throws(UdevError) {
        guard let made = udev_enumerate_new(context.pointer) else {
            throw .noContext(errno: errno)
        }
        pointer = made
    }

    deinit { udev_enumerate_unref(pointer) }

    func match(_ subsystem: String) throws(UdevError) {
        let result = udev_enumerate_add_match_subsystem(pointer, subsystem)
        guard result >= 0 else { throw .noContext(errno: -result) }
    }

    func scan() throws(UdevError) -> [String] {
        let result = udev_enumerate_scan_devices(pointer)
        guard result >= 0 else { throw .noContext(errno: -result) }
        var paths: [String] = []
        var entry = udev_enumerate_get_list_entry(pointer)
        while let present = entry, paths.count < Self.maximumDevices {
            if let name = udev_list_entry_get_name(present) { paths.append(String(cString: name)) }
            entry = udev_list_entry_get_next(present)
        }
        return paths
    }
}

/// The socket on which udev tells what it has done.
struct UdevMonitor: ~Copyable {
    private let pointer: OpaquePointer
    /// The socket, to wait on; libudev closes it.
    let descriptor: Int32

    /// A hub full of adapters is a few hundred messages of 1 to 2 KiB.
    private static let bufferBytes: Int32 = 8 * 1024 * 1024

    init(_ context: borrowing UdevContext, subsystems: [String]) throws(UdevError) {
        guard let made = udev_monitor_new_from_netlink(context.pointer, "udev") else {
            throw .noMonitor(errno: errno)
        }
        do {
            try Self.prepare(made, subsystems)
        } catch {
            udev_monitor_unref(made)
            throw error
        }
        pointer = made
        descriptor = udev_monitor_get_fd(made)
    }

    private static func prepare(
        _ monitor: OpaquePointer,
        _ subsystems: [String]
    ) throws(UdevError) {
        // As large as the system lets it be: without a privilege it stops at net.core.rmem_max.
        udev_monitor_set_receive_buffer_size(monitor, bufferBytes)
        for subsystem in subsystems {
            let result = udev_monitor_filter_add_match_subsystem_devtype(monitor, subsystem, nil)
            guard result >= 0 else { throw .noMonitor(errno: -result) }
        }
        let result = udev_monitor_enable_receiving(monitor)
        guard result >= 0 else { throw .noMonitor(errno: -result) }
    }

    deinit { udev_monitor_unref(pointer) }

    /// What a look at the socket gives.
    enum Received {
        case device(action: String, UdevDevice)
        case nothing
        /// Messages were lost, or one could not be read.
        case failure(errno: Int32)
    }

    func receive() -> Received {
        errno = 0
        guard let device = UdevDeviceHandle(taking: udev_monitor_receive_device(pointer)) else {
            let reason = errno
            return reason == EAGAIN || reason == EINTR || reason == 0
                ? .nothing : .failure(errno: reason)
        }
        guard let action = device.action, let copy = device.copy() else { return .nothing }
        return .device(action: action, copy)
    }
}

/// One device, from a message or from `/sys`.
struct UdevDeviceHandle: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes over a reference; nil for none.
    init?(taking reference: OpaquePointer?) {
        guard let reference else { return nil }
        pointer = reference
    }

    deinit { udev_device_unref(pointer) }

    var action: String? { udev_device_get_action(pointer).map { String(cString: $0) } }

    /// Everything of it as values; nil where it says not even what it is.
    func copy() -> UdevDevice? {
        guard let path = udev_device_get_syspath(pointer),
            let subsystem = udev_device_get_subsystem(pointer)
        else { return nil }
        return UdevDevice(
            path: String(cString: path),
            subsystem: String(cString: subsystem),
            type: udev_device_get_devtype(pointer).map { String(cString: $0) },
            node: udev_device_get_devnode(pointer).map { String(cString: $0) },
            properties: properties,
            usb: usb
        )
    }

    private var properties: [String: String] {
        var found: [String: String] = [:]
        var entry = udev_device_get_properties_list_entry(pointer)
        while let present = entry, found.count < UdevDevice.maximumProperties {
            if let name = udev_list_entry_get_name(present),
                let value = udev_list_entry_get_value(present),
                strlen(value) <= UdevDevice.maximumValueBytes
            {
                found[String(cString: name)] = String(cString: value)
            }
            entry = udev_list_entry_get_next(present)
        }
        return found
    }

    private var usb: UdevDevice.USBIdentity? {
        // The parent belongs to the child: it is not released here.
        let isItself = udev_device_get_devtype(pointer).map { String(cString: $0) } == "usb_device"
        let parent =
            isItself
            ? pointer
            : udev_device_get_parent_with_subsystem_devtype(pointer, "usb", "usb_device")
        guard let parent, let vendor = Self.attribute("idVendor", of: parent),
            let product = Self.attribute("idProduct", of: parent)
        else { return nil }
        return UdevDevice.USBIdentity(
            vendor: vendor,
            product: product,
            serial: Self.attribute("serial", of: parent)
        )
    }

    private static func attribute(_ name: String, of device: OpaquePointer) -> String? {
        guard let value = udev_device_get_sysattr_value(device, name),
            strlen(value) <= UdevDevice.maximumValueBytes
        else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
