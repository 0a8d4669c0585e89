import Folders
import Udev

/// Puts together what udev and the mount table tell: which serial ports and media are attached.
///
/// A medium is attached while it is mounted in the folder of media, and until its device is gone:
/// the mount of a stick that was pulled out stays a while.
struct Attachments {
    /// Disks and partitions by their node.
    private var blocks: [String: UdevDevice] = [:]
    private var mounts: [MountedFolder] = []
    /// Mounted folders whose device has gone.
    private var dead: Set<MountedFolder> = []
    private var attached: Set<String> = []
    private var ports: Set<String> = []
    /// The ports of a listing that is under way; nil where none is.
    private var listed: Set<String>?

    /// udev is listened to anew: what it does not tell until `settled` has gone meanwhile.
    mutating func beginListing() { listed = [] }

    /// Takes what udev tells, with the mount table of that moment where it was looked at: at once, so
    /// that no medium is known by its folder first and by its name later.
    mutating func take(
        _ event: UdevEvent,
        mounts present: [MountedFolder]? = nil
    ) -> [DeviceSupervisor.Input] {
        if let present { note(present) }
        switch event {
        case .present(let device), .added(let device), .changed(let device):
            if device.subsystem == "block" {
                // A number is given anew only when nothing of its last bearer is mounted any more.
                if case .added = event { dead = dead.filter { !Self.isMount($0, of: device) } }
                if let node = device.node { blocks[node] = device }
                return compare()
            }
            guard let port = AttachedDevice(serial: device) else { return [] }
            ports.insert(port.id)
            listed?.insert(port.id)
            return [.attached(port)]
        case .removed(let device):
            guard device.subsystem == "block" else {
                return ports.remove(device.path) == nil ? [] : [.detached(device.path)]
            }
            dead.formUnion(mounts.filter { Self.isMount($0, of: device) })
            if let node = device.node { blocks[node] = nil }
            return compare()
        case .settled:
            defer { listed = nil }
            let gone = ports.subtracting(listed ?? ports)
            ports.subtract(gone)
            return gone.sorted().map { .detached($0) }
        }
    }

    /// Takes the mount table, and what a listing says of the disks that udev had not told of.
    mutating func take(
        _ present: [MountedFolder],
        listed: [UdevDevice] = []
    ) -> [DeviceSupervisor.Input] {
        note(present)
        for device in listed { if let node = device.node { blocks[node] = device } }
        return compare()
    }

    /// True where one of these folders is mounted from a device that udev has not told of yet.
    func lacksBlocks(of present: [MountedFolder]) -> Bool {
        present.contains { block(of: $0) == nil && !dead.contains($0) }
    }

    private mutating func note(_ present: [MountedFolder]) {
        mounts = present
        dead.formIntersection(present)
    }

    private mutating func compare() -> [DeviceSupervisor.Input] {
        let present = mounts.filter { !dead.contains($0) }.map { mount in
            let bare = UdevDevice(path: mount.path, subsystem: "block")
            return AttachedDevice(medium: block(of: mount) ?? bare, mountedAt: mount.path)
        }.compactMap(\.self)
        let ids = Set(present.map(\.id))
        let gone = attached.subtracting(ids).sorted()
        attached = ids
        return gone.map { .detached($0) } + present.map { .attached($0) }
    }

    private func block(of mount: MountedFolder) -> UdevDevice? {
        blocks[mount.source] ?? blocks.values.first { Self.isMount(mount, of: $0) }
    }

    /// By the name of the node, or where the mount has another name for it, by its number.
    private static func isMount(_ mount: MountedFolder, of device: UdevDevice) -> Bool {
        if let node = device.node, mount.source == node { return true }
        guard let major = device.properties["MAJOR"], let minor = device.properties["MINOR"]
        else { return false }
        return mount.device == "\(major):\(minor)"
    }
}
