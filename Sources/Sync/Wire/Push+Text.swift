import Shared

extension Push {
    /// The uncompressed text of the push.
    package func encoded() throws -> [UInt8] {
        var text = try JSON.encode(header)
        text.append(newline)
        for operation in operations {
            text += try JSON.encode(OperationLine(operation, boot: header.boot))
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
        guard header.protocolVersion <= 1 else { throw .versionNewer(hub: 1) }
        guard header.protocolVersion == 1 else { throw .malformed("there is no version 0") }
        guard (1...SyncLimits.operationsPerPush).contains(header.count) else {
            throw .malformed("a push holds 1 to \(SyncLimits.operationsPerPush) operations")
        }
        var operations: [Operation] = []
        operations.reserveCapacity(header.count)
        for index in 0..<header.count {
            let line = try reader.json(OperationLine.self, named: "operation \(index)")
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

private let newline = UInt8(ascii: "\n")

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

/// Takes lines and counted payloads off a text, never past its end.
private struct LineReader {
    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    var isAtEnd: Bool { position == text.count }

    mutating func json<Value: Decodable>(
        _ type: Value.Type,
        named name: String
    ) throws(SyncError) -> Value {
        let window = text[position...].prefix(SyncLimits.headerLineBytes)
        guard let end = window.firstIndex(of: newline) else {
            throw .malformed("\(name): no line end within \(SyncLimits.headerLineBytes) bytes")
        }
        defer { position = end + 1 }
        do {
            return try JSON.decode(type, from: text[position..<end])
        } catch {
            throw .malformed("\(name): not the JSON that it should be")
        }
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
