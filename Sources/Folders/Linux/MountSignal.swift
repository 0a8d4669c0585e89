internal import Glibc

/// Tells when something was mounted or unmounted, without asking again and again.
final class MountSignal {
    /// Keeps `number` open.
    private let table: Descriptor?
    private let number: Int32?
    private var hasChanged = false

    /// Without `/proc` nothing is ever told, and the regular checks have to do.
    init() {
        let opened = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        table = opened >= 0 ? Descriptor(opened) : nil
        number = opened >= 0 ? opened : nil
    }

    /// What to wait on.
    var descriptors: [(number: Int32, events: Int32)] {
        number.map { [($0, POLLPRI)] } ?? []
    }

    /// Takes the answer of the wait on `descriptors`, whatever follows in it.
    func note(_ ready: [Bool]) {
        if number != nil, ready.first == true { hasChanged = true }
    }

    /// True once after each change.
    func takeChange() -> Bool {
        defer { hasChanged = false }
        return hasChanged
    }
}
