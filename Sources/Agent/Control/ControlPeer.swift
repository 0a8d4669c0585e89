import Glibc

/// Who is at the other end of the control socket, as the kernel says.
package struct ControlPeer: Equatable, Sendable {
    package let user: UInt32
    package let group: UInt32

    package init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }

    /// Root alone sees patients' names.
    package var isRoot: Bool { user == 0 }

    /// True for root, for the service's own user, and for members of `group`.
    package func mayAsk(group name: String) -> Bool {
        if isRoot || user == geteuid() { return true }
        guard let allowed = Self.identifier(ofGroup: name) else { return false }
        return group == allowed || Self.groups(ofUser: user, primary: group).contains(allowed)
    }

    private static func identifier(ofGroup name: String) -> UInt32? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 16384)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            return nil
        }
        return entry.gr_gid
    }

    private static func groups(ofUser user: UInt32, primary: UInt32) -> [UInt32] {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16384)
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            return []
        }
        var groups = [gid_t](repeating: 0, count: 256)
        var count = Int32(groups.count)
        guard getgrouplist(entry.pw_name, primary, &groups, &count) >= 0 else { return [] }
        return Array(groups.prefix(Int(count)))
    }
}
