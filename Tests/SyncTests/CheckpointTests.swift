import Shared
import Sync
import Testing

@Suite struct CheckpointTests {
    @Test func `a mark is that of the format`() {
        // Computed by another program from the text of docs/SYNC.md.
        #expect(
            Checkpoint.mark(key: "site", rowVersion: 2, payload: Array(#"{"name":"Centre"}"#.utf8))
                == 0xad87_7d06_ff72_f9e3
        )
        #expect(Checkpoint.mark(key: "rule/é", rowVersion: 7, payload: []) == 0x5dae_fd86_e4cf_47ff)
    }

    @Test func `a digest does not depend on the order, and counts what stands twice`() {
        var one = Checkpoint()
        var other = Checkpoint()
        for mark: UInt64 in [.max, 5, 9] { one.add(mark) }
        for mark: UInt64 in [9, .max, 5] { other.add(mark) }
        #expect(one == other)
        #expect(one == Checkpoint(rows: 3, digest: 13))
        other.add(5)
        other.remove(9)
        // An exclusive or would take two fives for none.
        #expect(other == Checkpoint(rows: 3, digest: 9))
        other.remove(.max)
        #expect(other == Checkpoint(rows: 2, digest: 10))
    }

    @Test func `a digest travels as 16 digits`() throws {
        let checkpoint = Checkpoint(rows: 1, digest: 0xab)
        let text = #"{"digest":"00000000000000ab","rows":1}"#
        #expect(try JSON.encode(checkpoint) == Array(text.utf8))
        #expect(try JSON.decode(Checkpoint.self, from: text.utf8) == checkpoint)
        for broken in ["", "ab", "00000000000000xy", "+0000000000000ab0"] {
            let text = #"{"digest":"\#(broken)","rows":1}"#
            #expect(throws: DecodingError.self) {
                try JSON.decode(Checkpoint.self, from: text.utf8)
            }
        }
    }
}

@Suite struct SnapshotTests {
    private func page(
        _ keys: [String],
        more: Bool = false,
        position: Int64 = 9,
        hub: Identifier = Sample.hub
    ) -> SnapshotReply {
        SnapshotReply(
            rows: keys.map { .init(key: $0, rowVersion: 1, payload: "1") },
            position: position,
            more: more,
            hub: hub,
            serverTime: Sample.time
        )
    }

    private let wanting = PullCursor(hub: Sample.hub, position: 4).wanting(.digest)

    @Test func `changes go on behind where the first page was`() throws {
        let middle = try wanting.advanced(by: page(["a", "b"], more: true))
        #expect(
            middle.snapshot
                == PullCursor.Snapshot(.digest, hub: Sample.hub, position: 9, after: "b")
        )
        #expect(middle.position == 4)
        let end = try middle.advanced(by: page(["c"], position: 12))
        #expect(end == PullCursor(hub: Sample.hub, position: 9))
    }

    @Test func `a snapshot that is under way goes on, whatever else is found`() throws {
        let middle = try wanting.advanced(by: page(["a"], more: true))
        #expect(middle.wanting(.cursor) == middle)
    }

    @Test func `keys that do not rise are refused`() throws {
        let middle = try wanting.advanced(by: page(["b"], more: true))
        for keys in [["a"], ["b"], ["d", "c"]] {
            #expect(throws: SyncError.garbage) { try middle.advanced(by: page(keys)) }
        }
        #expect(throws: SyncError.garbage) { try middle.advanced(by: page([], more: true)) }
        #expect(throws: SyncError.garbage) {
            try PullCursor(hub: Sample.hub).advanced(by: page(["a"]))
        }
    }

    @Test func `pages of two Hubs are not put together`() throws {
        let middle = try wanting.advanced(by: page(["a"], more: true))
        #expect(throws: SyncError.snapshotRequired) {
            try middle.advanced(by: page(["b"], hub: Sample.identifier(1)))
        }
    }

    @Test func `an empty class is a snapshot too`() throws {
        let end = try wanting.advanced(by: page([], position: 3))
        #expect(end == PullCursor(hub: Sample.hub, position: 3))
    }

    @Test func `the cursor of an older Agent is read, and written as it was`() throws {
        let text = #"{"hub":"\#(Sample.hub)","position":9}"#
        let cursor = try JSON.decode(PullCursor.self, from: text.utf8)
        #expect(cursor == PullCursor(hub: Sample.hub, position: 9))
        #expect(try JSON.encode(cursor) == Array(text.utf8))
    }

    @Test func `keys travel in the address as digits`() {
        #expect(
            SyncPaths.snapshot(class: "config", reason: .hub, after: "a/é")
                == "/sync/v1/snapshot?class=config&reason=hub&after=612fc3a9"
        )
    }
}
