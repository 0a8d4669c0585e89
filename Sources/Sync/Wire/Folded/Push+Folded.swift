import Shared

// Version 2 of a push: the header's line as in version 1, and behind it the operations folded.

extension Push {
    /// What stands behind the header, in parts of one sort each; of the header, only `boot` is in
    /// it.
    func foldedParts() -> [[UInt8]] {
        var folder = PayloadFolder()
        folder.update { $0.write(operations, boot: header.boot) }
        for operation in operations { folder.fold(operation.payload) }
        return folder.finished().parts
    }

    /// Reads what `foldedParts` gives, `header` having been read.
    init(header: PushHeader, folded text: [UInt8], from start: Int) throws(SyncError) {
        guard (0...Int64.max - Int64(SyncLimits.operationsPerPush)).contains(header.base) else {
            throw .malformed("a push begins at no number that there is")
        }
        var sections = try FoldedParts(text, from: start)
        var operations = try sections.operations(of: header)
        var payloads = try UnfoldedPayloads(sections)
        for index in operations.indices {
            let pieces = try sections.heads.count(upTo: SyncLimits.inflatedBytes)
            operations[index].payload = try payloads.next(of: pieces)
        }
        guard sections.heads.isAtEnd, payloads.isAtEnd else {
            throw .malformed("bytes follow the last operation")
        }
        self.init(header: header, operations: operations)
    }
}

extension FoldedSections {
    /// Writes all of the operations but their payloads.
    mutating func write(_ list: [Operation], boot: Identifier?) {
        let kinds = list.reduce(into: [Kind]()) { kinds, operation in
            let kind = Kind(operation)
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        operations.number(kinds.count)
        for kind in kinds {
            operations.number(kind.name.utf8.count)
            operations.append(kind.name.utf8)
            operations.signed(Int64(kind.version))
        }
        for operation in list { operations.number(kinds.firstIndex(of: Kind(operation)) ?? 0) }
        var last: Int64 = 0
        for operation in list {
            operations.signed(operation.createdAt.milliseconds - last)
            last = operation.createdAt.milliseconds
        }
        var monotonic: Int64 = 0
        for operation in list {
            let time = FoldedTime(operation, boot: boot)
            operations.number(time.flags)
            if let hybrid = time.hybrid {
                operations.signed(hybrid.milliseconds - operation.createdAt.milliseconds)
                operations.number(hybrid.bits & 0xFFFF)
            }
            if let value = time.monotonic {
                operations.signed(value &- monotonic)
                monotonic = value
            }
            if let boot = time.boot { bytes.append(boot.bytes) }
        }
        for operation in list { bytes.append(operation.id.bytes) }
    }
}

extension FoldedParts {
    /// The operations without their payloads.
    mutating func operations(of header: PushHeader) throws(SyncError) -> [Operation] {
        var kinds: [Kind] = []
        for _ in 0..<(try heads.count(upTo: FoldedLimits.kinds)) {
            let name = try heads.run(of: try heads.count(upTo: FoldedLimits.kindBytes))
            guard let name = String(validating: text[name], as: UTF8.self) else {
                throw .malformed("a kind is not UTF-8")
            }
            guard let version = Int(exactly: try heads.signed()) else {
                throw .malformed("no version of a kind")
            }
            kinds.append(Kind(name: name, version: version))
        }
        guard !kinds.isEmpty else { throw .malformed("operations of no kind") }
        var order: [Int] = []
        for _ in 0..<header.count { order.append(try heads.count(upTo: kinds.count - 1)) }
        var (times, last): ([Instant], Int64) = ([], 0)
        for _ in 0..<header.count {
            last &+= try heads.signed()
            times.append(try Self.instant(last))
        }
        var (folded, monotonic): ([FoldedTime], Int64) = ([], 0)
        for time in times {
            folded.append(try foldedTime(of: time, &monotonic))
        }
        var operations: [Operation] = []
        operations.reserveCapacity(header.count)
        for index in 0..<header.count {
            operations.append(
                Operation(
                    sequence: header.base + Int64(index),
                    id: try identifier(),
                    kind: kinds[order[index]].name,
                    version: kinds[order[index]].version,
                    createdAt: times[index],
                    payload: [],
                    time: folded[index].time(boot: header.boot)
                )
            )
        }
        return operations
    }

    private mutating func foldedTime(
        of created: Instant,
        _ monotonic: inout Int64
    ) throws(SyncError) -> FoldedTime {
        let flags = try heads.count(upTo: 7)
        var time = FoldedTime()
        if flags & 1 != 0 {
            let milliseconds = created.milliseconds &+ (try heads.signed())
            guard (0...0xFFFF_FFFF_FFFF).contains(milliseconds) else {
                throw .malformed("no hybrid time")
            }
            let counted = try heads.count(upTo: 0xFFFF)
            time.hybrid = HybridTime(bits: UInt64(milliseconds) << 16 | UInt64(counted))
        }
        if flags & 2 != 0 {
            monotonic &+= try heads.signed()
            time.monotonic = monotonic
        }
        if flags & 4 != 0 { time.boot = try identifier() }
        return time
    }

    private mutating func identifier() throws(SyncError) -> Identifier {
        let range = try bytes.run(of: 16)
        guard let identifier = Identifier(slice: text[range]) else {
            throw .malformed("no identifier")
        }
        return identifier
    }

    /// An instant that has a text.
    static func instant(_ milliseconds: Int64) throws(SyncError) -> Instant {
        guard let instant = Instant(written: milliseconds) else {
            throw .malformed("a time of no year that is written")
        }
        return instant
    }
}

/// A kind of operation with the version of its payload's shape.
private struct Kind: Equatable {
    var name: String
    var version: Int

    init(name: String, version: Int) {
        self.name = name
        self.version = version
    }

    init(_ operation: Operation) {
        self.init(name: operation.kind, version: operation.version)
    }
}

/// An operation's time as it travels: the start of the PC only where it is not the header's.
private struct FoldedTime {
    var hybrid: HybridTime?
    var monotonic: Int64?
    var boot: Identifier?

    init() {}

    init(_ operation: Operation, boot headerBoot: Identifier?) {
        hybrid = operation.time?.hybrid
        monotonic = operation.time?.monotonic
        let own = operation.time?.boot
        boot = monotonic == nil || own == headerBoot ? nil : own
    }

    var flags: Int {
        (hybrid == nil ? 0 : 1) | (monotonic == nil ? 0 : 2) | (boot == nil ? 0 : 4)
    }

    func time(boot headerBoot: Identifier?) -> OperationTime? {
        guard hybrid != nil || monotonic != nil else { return nil }
        return OperationTime(
            hybrid: hybrid,
            boot: monotonic == nil ? nil : boot ?? headerBoot,
            monotonic: monotonic
        )
    }
}
