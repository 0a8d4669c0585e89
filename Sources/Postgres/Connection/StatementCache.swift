/// Which statements a connection has prepared, by their text; the least recently used one goes.
struct StatementCache {
    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0
    private var namesGiven: UInt64 = 0

    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Whether so many statements can be prepared at once.
    func hasRoom(for count: Int) -> Bool { capacity >= count }

    /// The name of a statement that is prepared.
    mutating func name(of sql: String) -> String? {
        uses += 1
        entries[sql]?.lastUse = uses
        return entries[sql]?.name
    }

    /// A name that was never given before.
    mutating func newName() -> String {
        namesGiven += 1
        return "statement_\(namesGiven)"
    }

    /// Keeps a statement; returns the name of the one that must be forgotten on the server.
    mutating func insert(_ sql: String, name: String) -> String? {
        var evicted: String?
        if entries.count >= capacity,
            let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            evicted = entries.removeValue(forKey: oldest.key)?.name
        }
        uses += 1
        entries[sql] = Entry(name: name, lastUse: uses)
        return evicted
    }

    /// Forgets a statement that the server refused.
    mutating func remove(_ sql: String) -> String? {
        entries.removeValue(forKey: sql)?.name
    }
}
