import Crypto
import Shared
import Sync

/// What the Hub has written beside its database of how far it was: lines of text, the newest last.
///
/// It is read at the start, to learn that the database is older than it was. It starts a recovery
/// and decides nothing else: what is missing, an Agent proves.
struct Witness: Equatable, Sendable {
    /// What the Hub called itself; nil where nothing was written yet.
    private(set) var instance: Identifier?
    private(set) var fence: Int64 = 0
    /// How far each Agent's log was durable.
    private(set) var marks: [Identifier: Mark] = [:]

    /// How far a log was.
    struct Mark: Equatable, Sendable {
        var epoch: Int
        var applied: Int64
        var chain: Digest256

        /// Whether this is behind `other`, or beside it.
        func isBehind(_ other: Mark) -> Bool {
            if (epoch, applied) == (other.epoch, other.applied) { return chain != other.chain }
            return (epoch, applied) < (other.epoch, other.applied)
        }
    }

    init(instance: Identifier? = nil, fence: Int64 = 0, marks: [Identifier: Mark] = [:]) {
        self.instance = instance
        self.fence = fence
        self.marks = marks
    }

    /// Reads the text; a line that is torn or not understood is passed over.
    init(text: String) {
        for line in text.split(separator: "\n") {
            guard let words = Self.words(of: line) else { continue }
            take(words)
        }
    }

    /// Whether the database is older than what was witnessed, and how far it was then.
    ///
    /// - Returns: nil where it is not; the marks of the Agents that it is behind for otherwise,
    ///   which may be none.
    func expected(behind database: Witness) -> [Identifier: Mark]? {
        guard let instance, database.fence <= fence else { return nil }
        let behind = marks.filter { agent, mark in
            database.marks[agent].map { $0.isBehind(mark) } ?? true
        }
        if database.fence < fence || database.instance != instance { return behind }
        return behind.isEmpty ? nil : behind
    }

    /// The lines that lead from `earlier` to this; another instance begins anew.
    func lines(since earlier: Witness) -> [String] {
        guard let instance else { return [] }
        let isNew = earlier.instance != instance || earlier.fence != fence
        let before = isNew ? [:] : earlier.marks
        let first = isNew ? [Self.line(["hub", instance.description, String(fence)])] : []
        return first
            + marks.sorted { $0.key.description < $1.key.description }
            .filter { before[$0.key] != $0.value }
            .map { agent, mark in
                Self.line([
                    "agent", agent.description, String(mark.epoch), String(mark.applied),
                    mark.chain.hexadecimal,
                ])
            }
    }

    private mutating func take(_ words: [Substring]) {
        switch words.first {
        case "hub" where words.count == 3:
            guard let id = Identifier(String(words[1])), let number = Int64(words[2]) else {
                return
            }
            self = Witness(instance: id, fence: number)
        case "agent" where words.count == 5:
            guard let id = Identifier(String(words[1])), let epoch = Int(words[2]),
                let applied = Int64(words[3]), let chain = Digest256(hexadecimal: String(words[4]))
            else { return }
            marks[id] = Mark(epoch: epoch, applied: applied, chain: chain)
        default: return
        }
    }

    private static func words(of line: Substring) -> [Substring]? {
        let words = line.split(separator: " ")
        guard let check = words.last else { return nil }
        let content = words.dropLast()
        return Self.check(content.joined(separator: " ")) == check ? Array(content) : nil
    }

    private static func line(_ words: [String]) -> String {
        let content = words.joined(separator: " ")
        return "\(content) \(check(content))"
    }

    /// Shows a torn line; it keeps nobody from writing one.
    private static func check(_ content: String) -> String {
        String(Digest256(of: Array(content.utf8)).hexadecimal.prefix(8))
    }
}
