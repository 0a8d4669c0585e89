/// A digest of files and their states that does not depend on the order of the listing.
struct ContentsDigest {
    private(set) var value: UInt64 = 0

    mutating func add(name: some Sequence<UInt8>, _ state: FileState) {
        // FNV-1a of the name, then splitmix64 over the numbers; sums commute.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        value &+= Self.mixed(hash, state)
    }

    /// Mixes a state into a hash.
    static func mixed(_ hash: UInt64, _ state: FileState) -> UInt64 {
        let sized = splitmix(hash ^ UInt64(bitPattern: state.size))
        return splitmix(splitmix(sized ^ UInt64(bitPattern: state.modified)) ^ state.inode)
    }

    private static func splitmix(_ seed: UInt64) -> UInt64 {
        var word = seed &+ 0x9e37_79b9_7f4a_7c15
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}

/// Files that were reported or known lately, so that polls do not ask for them again and again.
///
/// Limits: 65,536 fingerprints, then it begins anew; a full scan does not ask it.
struct LatelySeen {
    static let capacity = 65_536

    private var fingerprints: Set<UInt64> = []

    /// Adds a sighting; false where it was there.
    mutating func insert(_ sighting: FileSighting, key: PathHashKey) -> Bool {
        if fingerprints.count >= Self.capacity { fingerprints = [] }
        return fingerprints.insert(fingerprint(sighting, key)).inserted
    }

    func contains(_ sighting: FileSighting, key: PathHashKey) -> Bool {
        fingerprints.contains(fingerprint(sighting, key))
    }

    private func fingerprint(_ sighting: FileSighting, _ key: PathHashKey) -> UInt64 {
        ContentsDigest.mixed(sighting.path.hash(key: key).low, sighting.state)
    }
}
