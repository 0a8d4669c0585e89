import BelgianEID
import Shared
import SmartCard
import Sync

/// Card readers as devices: what pcscd shows in, the states that have changed out.
///
/// Which card is in is nobody's business there: a reader that is empty, reads, or has read is
/// ready.
struct ReaderDevices: Sendable {
    private let driver: CardReaderDriver
    /// By pcscd's name of the reader, as long as it is attached.
    private var keys: [String: String] = [:]
    /// By key; one that went is forgotten.
    private var states: [String: DeviceState] = [:]
    private var hasLooked = false

    /// Takes the readers that the Hub was told of before the start, so that they keep their keys.
    init(_ driver: CardReaderDriver, told: [DeviceFact] = []) {
        self.driver = driver
        for fact in told where fact.attachment == .cardReader && fact.state != .detached {
            states[fact.key] = DeviceState(
                key: fact.key,
                attachment: .cardReader,
                state: fact.state,
                since: fact.since,
                adapter: fact.adapter,
                driver: fact.driver,
                problem: fact.problem
            )
            if let name = fact.adapter.title { keys[name] = fact.key }
        }
    }

    /// Takes the present picture; answers what is new.
    mutating func take(_ board: CardBoard, at now: Instant) -> [DeviceState] {
        guard let isAvailable = board.isAvailable else { return [] }
        guard isAvailable else { return lose(board.problem ?? .noService, at: now) }
        guard board.areReadersKnown else { return [] }
        defer { hasLooked = true }
        let gone = keys.filter { name, _ in !board.readers.contains { $0.name == name } }
        for name in gone.keys { keys[name] = nil }
        var changed: [DeviceState] = []
        for reader in board.readers {
            let key = key(of: reader.name)
            let (state, problem) = Self.state(of: reader)
            changed += note(key, reader.name, state, problem, at: now)
        }
        let attached = Set(keys.values)
        for key in states.keys.sorted() where !attached.contains(key) {
            guard var state = states.removeValue(forKey: key) else { continue }
            (state.state, state.since, state.problem) = (.detached, now, nil)
            changed.append(state)
        }
        return changed
    }

    /// Without pcscd nobody knows whether a reader is still there.
    private mutating func lose(_ code: PCSCCode, at now: Instant) -> [DeviceState] {
        let problem = DeviceFact.Problem(code: "pcscd", sentence: PCSCError(code).description)
        return states.values.sorted { $0.key < $1.key }.flatMap {
            note($0.key, $0.adapter.title ?? "", .failing, problem, at: now)
        }
    }

    private mutating func note(
        _ key: String,
        _ name: String,
        _ state: DeviceFact.State,
        _ problem: DeviceFact.Problem?,
        at now: Instant
    ) -> [DeviceState] {
        let known = states[key]
        let isSame =
            known?.state == state && known?.problem == problem && known?.adapter.title == name
        guard !isSame || !hasLooked else { return [] }
        let new = DeviceState(
            key: key,
            attachment: .cardReader,
            state: state,
            since: known?.state == state ? known?.since ?? now : now,
            adapter: DeviceFact.Adapter(title: name),
            driver: driver.rawValue,
            problem: problem
        )
        states[key] = new
        return [new]
    }

    private static func state(
        of reader: CardBoard.Reader
    ) -> (DeviceFact.State, DeviceFact.Problem?) {
        switch reader.state {
        case .mute:
            let sentence = "What is in it does not answer: a card may be the wrong way round."
            return (.failing, DeviceFact.Problem(code: "mute", sentence: sentence))
        case .held:
            let sentence = "Another program holds the card for itself alone."
            return (.failing, DeviceFact.Problem(code: "held", sentence: sentence))
        case .empty, .reading, .done:
            let problem = reader.last?.outcome.readerProblem
            return (.ready, problem.map { .init(code: "unreadable", sentence: $0) })
        }
    }
}

// MARK: - Names

extension ReaderDevices {
    /// The key that a reader keeps while it is attached; of readers that are called alike the
    /// second is `#2`.
    private mutating func key(of name: String) -> String {
        if let key = keys[name] { return key }
        let stable = "reader:\(Self.stableName(name))"
        let taken = Set(keys.values)
        var key = stable
        var number = 2
        while taken.contains(key) {
            key = "\(stable)#\(number)"
            number += 1
        }
        keys[name] = key
        return key
    }

    /// pcscd's name without its count of readers, which changes from start to start, and with the
    /// slot only where it is not the first: `ACS ACR39U ICC Reader 01 00` is the one reader of that
    /// name, wherever it was plugged in.
    static func stableName(_ name: String) -> String {
        let words = name.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count > 2, words.suffix(2).allSatisfy(isCount), let slot = words.last else {
            return String(name.prefix(maximumLength))
        }
        let base = words.dropLast(2).joined(separator: " ").prefix(maximumLength)
        return slot == "00" ? String(base) : "\(base)/\(slot)"
    }

    private static let maximumLength = 160

    /// Two hexadecimal digits, as pcscd writes them.
    private static func isCount(_ word: Substring) -> Bool {
        word.utf8.count == 2 && word.allSatisfy { $0.isHexDigit && !$0.isLowercase }
    }
}

extension BelgianEID.CardOutcome {
    /// Why reader or chip failed; nil where the card could be asked, whatever it said.
    fileprivate var readerProblem: String? {
        guard case .unreadable(let why) = self else { return nil }
        switch why {
        case .card, .reader: return reason.map { "The last card could not be read: \($0)" }
        case .content: return nil
        }
    }
}
