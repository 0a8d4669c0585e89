import DeviceFormats
import Shared

/// Adds a patient to the `ClientDB` of a Visionix L80: the folder, and a line of `Index.txt`, which
/// the device writes as well.
///
/// Read, merge, write beside, keep a backup, read again, swap, look at what came out. Where the file
/// system can swap two names at once, what the device wrote at any moment comes out of the swap and
/// is merged. Where it cannot, as on most shares, the file is read once more immediately before the
/// rename and after it, and the window between the two is as short as the share allows. Doing it
/// twice is doing it once. Blocks.
struct IndexDelivery: Sendable {
    let target: SendTarget
    let entry: VisionixIndexEntry
    let checkpoint: DeliveryCheckpoint
    /// Whether the device has left these bytes alone for long enough to have finished them.
    let isQuiet: @Sendable ([UInt8]) -> Bool
    /// False to do as on a share that cannot swap names.
    var mayExchange = true

    private static let name = VisionixIndex.fileName
    static let backups = (1...3).map { "Index.txt.\($0).bak" }
    private static let temporaryPrefix = ".clinic-gateway-index-"
    private static let attempts = 12

    /// Delivers; `isInTime` is asked before each change.
    ///
    /// Errors: `DeliveryFailure`.
    func deliver(isInTime: () -> Bool) throws -> DeliveryResult {
        let folder = try TargetFolder(target)
        // Lines that came out of a swap and are in no file that the device sees.
        var displaced = try leftovers(in: folder)
        let hadFolder = try patientFolder(in: folder) != nil
        var hadLine: Bool?
        for _ in 0..<Self.attempts {
            let (present, index) = try read(folder)
            var merged = index
            hadLine = hadLine ?? index.contains(entry)
            merged.add(entry)
            for lost in displaced { merged.add(linesOf: lost.index) }
            if merged == index, try patientFolder(in: folder) != nil {
                for lost in displaced { try folder.remove(lost.name) }
                return result(isNew: !(hadLine == true && hadFolder) || displaced.count > 0)
            }
            guard isInTime() else { throw DeliveryFailure.tooLate }
            if try patientFolder(in: folder) == nil {
                try folder.makeFolder(entry.folder)
                try checkpoint(.folderMade)
            }
            if merged != index, let lost = try replace(present, with: merged, in: folder) {
                displaced.append(lost)
            }
        }
        throw DeliveryFailure.indexBusy
    }

    /// Whether the device has the patient, without changing anything.
    func isDelivered() throws -> Bool {
        let folder = try TargetFolder(target)
        return try read(folder).index.contains(entry) && patientFolder(in: folder) != nil
    }

    /// An index that was swapped out, and the name that it has now.
    private struct Displaced {
        var name: String
        var index: VisionixIndex
    }

    private func result(isNew: Bool) -> DeliveryResult {
        DeliveryResult(
            code: !isNew ? "alreadyThere" : entry.isAltered ? "nameAltered" : nil
        )
    }

    private func read(
        _ folder: TargetFolder
    ) throws(DeliveryFailure) -> (present: TargetFolder.Contents, index: VisionixIndex) {
        guard let present = try folder.read(Self.name, limit: VisionixIndex.maximumBytes) else {
            throw .indexMissing
        }
        do {
            let isQuiet = isQuiet(present.bytes)
            return (present, try VisionixIndex(present.bytes, isQuiet: isQuiet))
        } catch {
            throw .index(error)
        }
    }

    /// The patient's folder as the device spells it; nil where there is none.
    private func patientFolder(in folder: TargetFolder) throws(DeliveryFailure) -> String? {
        if folder.exists(entry.folder) { return entry.folder }
        return try folder.names().first { entry.isFolder(named: $0) }
    }

    /// Puts `merged` in the place of `present`; answers what the device wrote in the meantime.
    private func replace(
        _ present: TargetFolder.Contents,
        with merged: VisionixIndex,
        in folder: TargetFolder
    ) throws -> Displaced? {
        let bytes = merged.bytes
        let temporary = Self.temporaryName(of: bytes)
        try folder.write(bytes, to: temporary, mode: present.mode)
        try checkpoint(.prepared)
        try backUp(present, in: folder)
        try checkpoint(.backedUp)
        guard try folder.read(Self.name, limit: VisionixIndex.maximumBytes)?.bytes == present.bytes
        else {
            try folder.remove(temporary)
            return nil
        }
        try checkpoint(.rechecked)
        guard mayExchange, try folder.exchange(temporary, Self.name) else {
            _ = try folder.rename(temporary, to: Self.name)
            try checkpoint(.exchanged)
            return nil
        }
        try checkpoint(.exchanged)
        guard let contents = try folder.read(temporary, limit: VisionixIndex.maximumBytes) else {
            return nil
        }
        guard contents.bytes != present.bytes else {
            try folder.remove(temporary)
            return nil
        }
        guard let index = try? VisionixIndex(contents.bytes, isQuiet: false) else {
            // The device is in the middle of writing it: it goes on in its own place.
            _ = try folder.exchange(temporary, Self.name)
            throw DeliveryFailure.indexBusy
        }
        return Displaced(name: temporary, index: index)
    }

    /// What earlier attempts that ended in the middle have left: a file of ours that never was in its
    /// place has the digest that its name says; any other was the device's.
    private func leftovers(in folder: TargetFolder) throws(DeliveryFailure) -> [Displaced] {
        var found: [Displaced] = []
        for name in try folder.names() where name.hasPrefix(Self.temporaryPrefix) {
            guard let contents = try folder.read(name, limit: VisionixIndex.maximumBytes) else {
                continue
            }
            if Self.temporaryName(of: contents.bytes) != name,
                let index = try? VisionixIndex(contents.bytes, isQuiet: true)
            {
                found.append(Displaced(name: name, index: index))
            } else {
                try folder.remove(name)
            }
        }
        return found
    }

    /// Keeps the last few states of the index that differ.
    private func backUp(
        _ present: TargetFolder.Contents,
        in folder: TargetFolder
    ) throws(DeliveryFailure) {
        let limit = VisionixIndex.maximumBytes
        guard try folder.read(Self.backups[0], limit: limit)?.bytes != present.bytes else { return }
        for (newer, older) in zip(Self.backups, Self.backups.dropFirst()).reversed() {
            _ = try folder.rename(newer, to: older)
        }
        try folder.write(present.bytes, to: Self.backups[0], mode: present.mode)
    }

    private static func temporaryName(of bytes: [UInt8]) -> String {
        temporaryPrefix + Digest256(of: bytes).hexadecimal.prefix(32) + ".tmp"
    }
}
