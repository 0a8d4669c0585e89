/// What has been told of each device: turns messages and new lists into what is news.
struct KnownDevices {
    private var devices: [String: UdevDevice] = [:]

    /// Takes one message of udev.
    mutating func note(action: String, _ device: UdevDevice) -> [UdevEvent] {
        guard action != "remove" else {
            // Its last message may say less of it than the ones before.
            return devices.removeValue(forKey: device.path).map { [.removed($0)] } ?? []
        }
        return note(device) { .added($0) }
    }

    /// Takes a list of everything that is attached: what is not in it has gone.
    mutating func replace(with present: [UdevDevice], isFirst: Bool) -> [UdevEvent] {
        let paths = Set(present.map(\.path))
        let gone = devices.values.filter { !paths.contains($0.path) }.sorted { $0.path < $1.path }
        for device in gone { devices[device.path] = nil }
        return gone.map { .removed($0) }
            + present.flatMap { note($0) { isFirst ? .present($0) : .added($0) } }
    }

    /// `udevadm trigger` adds what is there already: that is no news.
    private mutating func note(
        _ device: UdevDevice,
        asNew event: (UdevDevice) -> UdevEvent
    ) -> [UdevEvent] {
        let known = devices[device.path]
        guard known != nil || devices.count < UdevEnumeration.maximumDevices else { return [] }
        devices[device.path] = device
        guard let known else { return [event(device)] }
        guard known.isSameAttachment(as: device) else { return [.removed(known), event(device)] }
        return known.says(device) ? [] : [.changed(device)]
    }
}
