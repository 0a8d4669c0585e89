import CFaultDisk

/// The disk beneath the databases of one folder: see CFaultDisk.h.
final class FaultDisk: @unchecked Sendable {  // The C side has a lock of its own.
    private let disk: OpaquePointer

    /// Calls that are counted, and made to fail.
    struct Calls: OptionSet, Sendable {
        let rawValue: Int32

        static let reads = Calls(rawValue: Int32(FAULT_DISK_READ))
        static let writes = Calls(rawValue: Int32(FAULT_DISK_WRITE))
        static let syncs = Calls(rawValue: Int32(FAULT_DISK_SYNC))
        static let truncations = Calls(rawValue: Int32(FAULT_DISK_TRUNCATE))
        static let index = Calls(rawValue: Int32(FAULT_DISK_INDEX))
    }

    init(below folder: TemporaryFolder, seed: UInt64) {
        disk = fault_disk_open(folder.path, seed)
    }

    deinit { fault_disk_close(disk) }

    /// The power fails at the nth change from now.
    func cut(at nth: Int) { fault_disk_cut(disk, nth) }

    var isCut: Bool { fault_disk_is_cut(disk) != 0 }

    /// Writes what is there after the cut into another folder.
    func restore(to folder: TemporaryFolder) -> Bool { fault_disk_restore(disk, folder.path) == 0 }

    /// Ends the process that writes, as far as the disk can see.
    func freeze(_ isFrozen: Bool) { fault_disk_freeze(disk, isFrozen ? 1 : 0) }

    /// The nth of `calls` from now fails with SQLite's `code`; with `isLasting` all behind it.
    func fail(_ calls: Calls, at nth: Int, isLasting: Bool, code: Int32) {
        fault_disk_fail(disk, calls.rawValue, nth, isLasting ? 1 : 0, code)
    }

    /// Lets every call work again; answers how many have failed.
    @discardableResult
    func heal() -> Int { fault_disk_heal(disk) }

    func count(_ calls: Calls) -> Int { fault_disk_count(disk, calls.rawValue) }
}
