import Shared

extension Push {
    /// The uncompressed text of the push, in the version that its header says.
    package func encoded() throws -> [UInt8] {
        try headerText() + operationsParts().joined()
    }

    /// The header's line.
    package func headerText() throws -> [UInt8] {
        var text = try JSON.encode(header)
        text.append(newline)
        return text
    }

    /// What stands behind the header, in parts that each compress well by themselves; of the header,
    /// only the version and `boot` matter to it.
    package func operationsParts() -> [[UInt8]] {
        header.protocolVersion == 1 ? [operationsText()] : foldedParts()
    }

    private func operationsText() -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(operations.reduce(0) { $0 + $1.payload.count + 256 })
        for operation in operations {
            text += OperationLine(operation, boot: header.boot).text
            text.append(newline)
            text += operation.payload
            text.append(newline)
        }
        return text
    }

    /// Reads the uncompressed text of a push.
    ///
    /// Throws `malformed` with the reason for anything that the format does not allow. Sequences
    /// and chain are checked by `HubIntake`, which knows what they have to follow.
    package init(text: [UInt8]) throws(SyncError) {
        var reader = LineReader(text)
        let header = try reader.json(PushHeader.self, named: "push header")
        guard header.protocolVersion <= WireVersions.own.highest else {
            throw .versionNewer(hub: WireVersions.own.highest)
        }
        guard header.protocolVersion >= 1 else { throw .malformed("there is no version 0") }
        guard (1...SyncLimits.operationsPerPush).contains(header.count) else {
            throw .malformed("a push holds 1 to \(SyncLimits.operationsPerPush) operations")
        }
        guard header.protocolVersion == 1 else {
            try self.init(header: header, folded: text, from: reader.position)
            return
        }
        var operations: [Operation] = []
        operations.reserveCapacity(header.count)
        for index in 0..<header.count {
            let line = try reader.operationLine(index)
            operations.append(
                line.operation(
                    payload: try reader.payload(of: line.size),
                    boot: header.boot
                )
            )
        }
        guard reader.isAtEnd else { throw .malformed("bytes follow the last operation") }
        self.init(header: header, operations: operations)
    }
}

/// The line before an operation's payload.
private struct OperationLine: Codable {
    var seq: Int64
    var id: Identifier
    var kind: String
    var v: Int
    var at: Instant
    var size: Int
    var hlc: HybridTime?
    /// Absent where it is the header's.
    var boot: Identifier?
    var mono: Int64?

    init(
        seq: Int64,
        id: Identifier,
        kind: String,
        at: Instant,
        size: Int,
        v: Int,
        hlc: HybridTime?,
        boot: Identifier?,
        mono: Int64?
    ) {
        self.seq = seq
        self.id = id
        self.kind = kind
        self.v = v
        self.at = at
        self.size = size
        self.hlc = hlc
        self.boot = boot
        self.mono = mono
    }

    init(_ operation: Operation, boot: Identifier?) {
        seq = operation.sequence
        id = operation.id
        kind = operation.kind
        v = operation.version
        at = operation.createdAt
        size = operation.payload.count
        hlc = operation.time?.hybrid
        mono = operation.time?.monotonic
        self.boot = operation.time?.boot == boot ? nil : operation.time?.boot
    }

    func operation(payload: [UInt8], boot headerBoot: Identifier?) -> Operation {
        let hasTime = hlc != nil || mono != nil
        return Operation(
            sequence: seq,
            id: id,
            kind: kind,
            version: v,
            createdAt: at,
            payload: payload,
            time: hasTime
                ? OperationTime(
                    hybrid: hlc,
                    boot: mono == nil ? nil : boot ?? headerBoot,
                    monotonic: mono
                ) : nil
        )
    }
}

extension OperationLine {
    /// The line, as `JSON.encode` writes it.
    fileprivate var text: [UInt8] {
        var text = JSONText(capacity: 256)
        text.object { text in
            text.member("at", at.description)
            text.member("boot", boot?.description)
            text.member("hlc", integer: hlc?.bits)
            text.member("id", id.description)
            text.member("kind", kind)
            text.member("mono", integer: mono)
            text.member("seq", integer: Int64?(seq))
            text.member("size", size)
            text.member("v", v)
        }
        return text.bytes
    }

    /// Reads what `text` gives; nil for a line that is written otherwise.
    fileprivate init?(written line: [UInt8]) {
        var reader = JSONTextReader(line)
        let read = try? reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let at = try reader.value("at") { Instant($0) }
            let boot = try reader.optionalValue("boot") { Identifier($0) }
            let hlc: UInt64? = try reader.optionalInteger("hlc")
            let id = try reader.value("id") { Identifier($0) }
            let kind = try reader.text("kind")
            let mono: Int64? = try reader.optionalInteger("mono")
            return OperationLine(
                seq: try reader.integer("seq"),
                id: id,
                kind: kind,
                at: at,
                size: try reader.integer("size"),
                v: try reader.integer("v"),
                hlc: hlc.map { HybridTime(bits: $0) },
                boot: boot,
                mono: mono
            )
        }
        guard let read, reader.isAtEnd, read.text.isSame(as: line) else { return nil }
        self = read
    }
}

/// Takes lines and counted payloads off a text, never past its end.
private struct LineReader {
    private let text: [UInt8]
    private(set) var position = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    var isAtEnd: Bool { position == text.count }

    mutating func operationLine(_ index: Int) throws(SyncError) -> OperationLine {
        let name = "operation \(index)"
        let line = try line(named: name)
        // Written otherwise, it is read as any JSON is.
        if let read = OperationLine(written: line) { return read }
        return try Self.json(line, named: name)
    }

    mutating func json<Value: Decodable>(
        _ type: Value.Type,
        named name: String
    ) throws(SyncError) -> Value {
        try Self.json(try line(named: name), named: name)
    }

    private static func json<Value: Decodable>(
        _ line: [UInt8],
        named name: String
    ) throws(SyncError) -> Value {
        do {
            return try JSON.decode(Value.self, from: line)
        } catch {
            throw .malformed("\(name): not the JSON that it should be")
        }
    }

    private mutating func line(named name: String) throws(SyncError) -> [UInt8] {
        let window = text[position...].prefix(SyncLimits.headerLineBytes)
        guard let end = window.firstIndex(of: newline) else {
            throw .malformed("\(name): no line end within \(SyncLimits.headerLineBytes) bytes")
        }
        defer { position = end + 1 }
        return Array(text[position..<end])
    }

    mutating func payload(of size: Int) throws(SyncError) -> [UInt8] {
        guard (0...SyncLimits.payloadBytes).contains(size) else {
            throw .malformed("a payload has at most \(SyncLimits.payloadBytes) bytes")
        }
        guard position + size < text.count, text[position + size] == newline else {
            throw .malformed("a payload ends before its size, or not with a line end")
        }
        defer { position += size + 1 }
        return Array(text[position..<(position + size)])
    }
}
