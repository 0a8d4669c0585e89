import Agent
import BelgianEID
import CardKit
import ClinicRig
import Foundation
import Glibc
import Shared
import Synchronization

/// A virtual card in a virtual reader at a real pcscd: how soon it is known who it is, what a whole
/// verified reading takes, and what watching empty readers costs.
///
/// The virtual reader is asked by pcscd every 400 ms whether a card is in; a USB reader tells. So
/// the times begin when pcscd tells of the card. The virtual chip answers at once: what it takes
/// itself is in the times, and not taken off.
struct CardBench {
    let cards: Int
    let idleSeconds: Int

    func run() async throws -> [Figure] {
        let readings = Mutex<[Figure]>([])
        try await VirtualReaders.run { virtual in
            let card = try TestCard()
            let desk = CardDesk(roots: try card.roots, readsPhoto: true, clock: .system)
            let log = DeskLog(desk)
            desk.start()
            defer { desk.stop() }
            let figures = try await idle() + read(card, in: virtual.slots[0], desk, log)
            readings.withLock { $0 = figures }
        }
        let page = try await page()
        return readings.withLock(\.self) + page
    }

    /// The threads that watch, with no card in.
    private func idle() async throws -> [Figure] {
        try await Task.sleep(for: .seconds(2))
        let before = try Self.processorNanoseconds()
        try await Task.sleep(for: .seconds(idleSeconds))
        let used = Double(try Self.processorNanoseconds() - before) / 1000
        return [
            Figure(
                name: "watching two empty readers, processor (500 µs/s are 0.05 %)",
                value: used / Double(idleSeconds),
                unit: "µs/s",
                promise: .atMost(500)
            )
        ]
    }

    private func read(
        _ card: TestCard,
        in slot: VirtualSlot,
        _ desk: CardDesk,
        _ log: DeskLog
    ) async throws -> [Figure] {
        var identities: [Double] = []
        var readings: [Double] = []
        for number in 1...cards {
            slot.insert(TestApplet(card))
            let times = try await log.card(number)
            guard let identity = times.identity, let end = times.ended else {
                throw RigError("card \(number) was not read to its end")
            }
            identities.append((identity - times.started).milliseconds)
            readings.append((end - times.started).milliseconds)
            slot.remove()
            try await log.removal(number)
        }
        return [
            Figure(
                name: "pcscd tells of a card → identity, p50",
                value: identities.percentile(0.5),
                unit: "ms"
            ),
            Figure(
                name: "pcscd tells of a card → identity, p95",
                value: identities.percentile(0.95),
                unit: "ms",
                promise: .atMost(150)
            ),
            Figure(
                name: "pcscd tells of a card → all read and verified, p95",
                value: readings.percentile(0.95),
                unit: "ms",
                promise: .atMost(60)
            ),
        ]
    }

    /// What the threads of the desk have had of a processor, from /proc.
    private static func processorNanoseconds() throws -> Int {
        let folder = "/proc/self/task"
        let threads = try FileManager.default.contentsOfDirectory(atPath: folder).filter { task in
            let name = try? String(contentsOfFile: "\(folder)/\(task)/comm", encoding: .utf8)
            return name?.hasPrefix("card-") == true
        }
        guard !threads.isEmpty else { throw RigError("no thread watches the readers") }
        return try threads.reduce(0) { sum, task in
            let stat = try String(contentsOfFile: "\(folder)/\(task)/schedstat", encoding: .utf8)
            guard let used = stat.split(separator: " ").first.flatMap({ Int($0) }) else {
                throw RigError("schedstat of \(task)")
            }
            return sum + used
        }
    }
}

// MARK: - The page

extension CardBench {
    /// From the card in the reader to its holder's name in a browser that stands at that PC, with a
    /// real Agent and Hub; pcscd's 400 ms are in it.
    private func page() async throws -> [Figure] {
        let times = Mutex<[Double]>([])
        try await VirtualReaders.run { virtual in
            let card = try TestCard()
            let clinic = try await BenchClinic.start(environment: VirtualReaders.environment) {
                try $0.trust(testRoot: card.authority.rootPEM)
                try $0.setSite(["--test-cards"])
            }
            do {
                let found = try await names(card, virtual.slots[0], clinic)
                times.withLock { $0 = found }
                await clinic.stop()
            } catch {
                await clinic.stop()
                throw error
            }
        }
        return [
            Figure(
                name: "card in → name on its PC's page, p95 (with 0–400 ms of pcscd's)",
                value: times.withLock { $0.percentile(0.95) },
                unit: "ms",
                promise: .atMost(1000)
            )
        ]
    }

    private func names(
        _ card: TestCard,
        _ slot: VirtualSlot,
        _ clinic: BenchClinic
    ) async throws -> [Double] {
        let browser = try await Browser(clinic.rig).standing(at: clinic.rig.workstationCode())
        let wakes = Arrivals()
        let listening = Task {
            try await browser.events("/station/live") { event in
                if event.contains("renew") { wakes.note() }
                return true
            }
        }
        defer { listening.cancel() }
        let holder = TestPerson.dutch.surname
        var times: [Double] = []
        for _ in 1...min(cards, 40) {
            let start = ContinuousClock.now
            slot.insert(TestApplet(card))
            let shown = try await page(browser, wakes, says: "in the reader", holder)
            times.append((shown - start).milliseconds)
            slot.remove()
            _ = try await page(browser, wakes, says: "taken out")
        }
        return times
    }

    /// When the page says all of `words`.
    ///
    /// It is fetched as its script does, whenever the Hub tells that it changed: the reader's lamp
    /// and the card's holder both change it, in any order.
    private func page(
        _ browser: Browser,
        _ wakes: Arrivals,
        says words: String...
    ) async throws -> ContinuousClock.Instant {
        let deadline = ContinuousClock.now + .seconds(20)
        var seen = wakes.count
        while ContinuousClock.now < deadline {
            let text = try await browser.get("/station").text
            if words.allSatisfy(text.contains) { return .now }
            while wakes.count == seen, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(1))
            }
            seen = wakes.count
        }
        throw RigError("the page did not say \(words) within 20 s")
    }
}

/// When the desk said what of each card.
private final class DeskLog: Sendable {
    struct Times: Sendable {
        var started: ContinuousClock.Instant
        var identity: ContinuousClock.Instant?
        var ended: ContinuousClock.Instant?
        var isRemoved = false
    }

    private let times = Mutex<[Times]>([])

    init(_ desk: CardDesk) {
        let readings = desk.readings()
        Task { [weak self] in
            for await reading in readings { self?.take(reading) }
        }
    }

    private func take(_ reading: CardReading) {
        let now = ContinuousClock.now
        times.withLock { times in
            switch reading {
            case .started: times.append(Times(started: now))
            case .identity: if !times.isEmpty { times[times.count - 1].identity = now }
            case .ended: if !times.isEmpty { times[times.count - 1].ended = now }
            case .removed: if !times.isEmpty { times[times.count - 1].isRemoved = true }
            }
        }
    }

    /// The times of a card, once it is read.
    func card(_ number: Int) async throws -> Times {
        try await wait { $0.count == number && $0[number - 1].ended != nil }[number - 1]
    }

    /// Returns once the card was taken out.
    func removal(_ number: Int) async throws {
        _ = try await wait { $0.count == number && $0[number - 1].isRemoved }
    }

    private func wait(_ condition: ([Times]) -> Bool) async throws -> [Times] {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let known = times.withLock(\.self)
            if condition(known) { return known }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw RigError("a card was not read within 20 s")
    }
}
