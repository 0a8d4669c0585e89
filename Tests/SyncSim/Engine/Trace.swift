/// What happened, as one number that two equal runs share, and as lines for whoever looks at a seed.
struct Trace {
    /// FNV-1a over everything noted.
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    /// How much was noted.
    private(set) var count = 0
    /// The lines; empty unless they are wanted.
    private(set) var lines: [String] = []
    private let isRecorded: Bool

    init(isRecorded: Bool) {
        self.isRecorded = isRecorded
    }

    /// Notes that something happened at `time` to `who`; -1 is the Hub, -2 the world.
    mutating func note(
        _ time: Int64,
        _ who: Int,
        _ what: StaticString,
        _ first: Int64,
        _ second: Int64,
        _ detail: () -> String
    ) {
        count += 1
        what.withUTF8Buffer { for byte in $0 { mix(UInt64(byte)) } }
        mix(UInt64(bitPattern: time))
        mix(UInt64(bitPattern: Int64(who)))
        mix(UInt64(bitPattern: first))
        mix(UInt64(bitPattern: second))
        guard isRecorded else { return }
        let actor = who >= 0 ? "pc \(who)" : who == -1 ? "hub" : "-"
        lines.append("\(Self.clock(time))  \(actor)  \(what) \(first) \(second) \(detail())")
    }

    private mutating func mix(_ value: UInt64) {
        hash = (hash ^ value) &* 0x0000_0100_0000_01B3
    }

    private static func clock(_ time: Int64) -> String {
        let rest = String(1000 + time % 1000).dropFirst()
        return "\(time / 1000).\(rest)"
    }
}
