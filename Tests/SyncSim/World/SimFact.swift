import Shared
import Sync

/// What an operation of the simulation says, in as few bytes as it can.
///
/// The first byte stands for all that decides what a Hub does with it.
enum SimFact: Equatable {
    /// One measurement of one person, by its number in the world.
    case reading(Int64)
    /// A document whose bytes travel ahead of it.
    case document(Int64)
    /// What became of a command.
    case command(Identifier, CommandFact.State)
    /// A payload that cannot be read.
    case malformed(Int64)
    /// A kind that no Hub knows.
    case unknownKind(Int64)
    /// A version that only a newer Hub knows.
    case newerVersion(Int64)
    /// A payload that the database refuses.
    case unstorable(Int64)

    private static let states = CommandFact.State.allCases

    /// As an operation; `weight` is what it takes of a push.
    func operation(id: Identifier, at time: Int64, weight: UInt8 = 1) -> Operation {
        var payload: [UInt8] = [tag, weight]
        switch self {
        case .reading(let number), .document(let number), .malformed(let number),
            .unknownKind(let number), .newerVersion(let number), .unstorable(let number):
            withUnsafeBytes(of: number.bigEndian) { payload += $0 }
        case .command(let command, let state):
            payload.append(UInt8(Self.states.firstIndex(of: state) ?? 0))
            payload += command.bytes
        }
        return Operation(
            sequence: 0,
            id: id,
            kind: "sim",
            version: 1,
            createdAt: Instant(milliseconds: time),
            payload: payload
        )
    }

    /// The first byte's bit of an operation that was sealed to the Hub.
    private static let seal: UInt8 = 0x80

    /// A payload as a revoked Agent keeps it.
    static func sealed(_ payload: [UInt8]) -> [UInt8] {
        guard let first = payload.first else { return payload }
        return [first | seal] + payload.dropFirst()
    }

    /// A payload as the Hub reads it.
    static func opened(_ payload: [UInt8]) -> [UInt8] {
        guard let first = payload.first else { return payload }
        return [first & ~seal] + payload.dropFirst()
    }

    static func isSealed(_ payload: [UInt8]) -> Bool { (payload.first ?? 0) & seal != 0 }

    /// Reads an operation's payload, sealed or not; nil for one that no simulation wrote.
    init?(_ payload: [UInt8]) {
        guard payload.count >= 3 else { return nil }
        let payload = Self.opened(payload)
        let number = payload.dropFirst(2).prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        switch payload[0] {
        case 1: self = .reading(number)
        case 2: self = .document(number)
        case 3:
            guard let id = Identifier(bytes: payload.dropFirst(3)), payload[2] < Self.states.count
            else { return nil }
            self = .command(id, Self.states[Int(payload[2])])
        case 4: self = .malformed(number)
        case 5: self = .unknownKind(number)
        case 6: self = .newerVersion(number)
        case 7: self = .unstorable(number)
        default: return nil
        }
    }

    private var tag: UInt8 {
        switch self {
        case .reading: 1
        case .document: 2
        case .command: 3
        case .malformed: 4
        case .unknownKind: 5
        case .newerVersion: 6
        case .unstorable: 7
        }
    }

    /// What a push's payloads weigh together.
    static func weight(of operations: [Operation]) -> Int {
        operations.reduce(0) { $0 + Int($1.payload[1]) }
    }

    /// The digest of the bytes that travel ahead; nil where none do.
    var content: Digest256? {
        guard case .document(let number) = self else { return nil }
        return withUnsafeBytes(of: number.bigEndian) { Digest256(of: Array($0)) }
    }
}
