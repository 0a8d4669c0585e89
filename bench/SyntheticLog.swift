import Agent
import DeviceFormats
import Foundation
import Shared
import Simulator
import Sync

/// The operations of one synthetic agent: documents of four devices in turn and their readings.
struct SyntheticLog {
    /// Behind the last one stands its chain.
    private(set) var operations: [Sync.Operation] = []

    private static let devices: [SimulatedDevice] = [.cv5000, .cl300, .kr800s, .trk2p]

    /// The same seed gives the same documents, another one others.
    init(seed: UInt64, operations count: Int) throws {
        let (clock, moment) = (WallClock.system, BootClock.system.now())
        var streams = Self.devices.map { SimulatedDocuments(device: $0, seed: seed) }
        var number = 0
        while operations.count < count {
            defer { number += 1 }
            guard let file = streams[number % streams.count].next() else { continue }
            for (kind, payload) in try Self.facts(of: file, at: clock.now()) {
                guard operations.count < count else { break }
                let now = clock.now()
                operations.append(
                    Sync.Operation(
                        sequence: Int64(operations.count + 1),
                        id: clock.identifier(),
                        kind: kind,
                        version: 1,
                        createdAt: now,
                        payload: payload,
                        time: OperationTime(
                            hybrid: HybridTime(bits: UInt64(now.milliseconds) << 16),
                            boot: moment.boot,
                            monotonic: moment.milliseconds
                        )
                    )
                )
            }
        }
    }

    /// Takes operations and numbers them from 1.
    init(renumbering operations: [Sync.Operation]) {
        self.operations = operations.enumerated().map { index, operation in
            var operation = operation
            operation.sequence = Int64(index + 1)
            return operation
        }
    }

    private static func facts(
        of file: SimulatedFile,
        at now: Instant
    ) throws -> [(kind: String, payload: [UInt8])] {
        let document = DeviceDocument(
            bytes: file.bytes,
            name: file.name,
            folders: file.path.dropLast()
        )
        let decoded = try DeviceFormats.decode(document)
        let digest = Digest256(of: file.bytes)
        let fact = DocumentFact(
            sha256: digest,
            bytes: file.bytes.count,
            name: file.name,
            format: decoded.format,
            decoderVersion: decoded.decoderVersion,
            source: "cv5000",
            capturedAt: now,
            modifiedAt: now,
            failure: nil,
            content: Data(file.bytes).base64EncodedString()
        )
        let readings = decoded.readings.enumerated().map { index, decodedReading in
            ReadingFact(
                id: Identifier(derivedFrom: [digest.bytes, [UInt8(truncatingIfNeeded: index)]]),
                revision: 1,
                reading: decodedReading.reading,
                decoderVersion: decoded.decoderVersion,
                source: "cv5000",
                workstation: "Bench",
                capturedAt: now
            )
        }
        return [(DocumentFact.kind, fact.payload)]
            + readings.map { (ReadingFact.kind, $0.payload) }
    }

    /// The log as pushes of at most so many operations each, and of no more bytes than an Agent
    /// gathers, ready but for their nonces.
    func pushes(of size: Int) -> [PreparedPush] {
        var chain = Chain.start
        var rest = operations[...]
        var pushes: [PreparedPush] = []
        while let first = rest.first {
            var bytes = 0
            let part = Array(
                rest.prefix(size).prefix {
                    bytes += $0.payload.count
                    return bytes <= SyncLimits.gatheredBytes
                }
            )
            rest = rest.dropFirst(part.count)
            let previous = chain
            for operation in part {
                chain = Chain.next(
                    after: chain,
                    sequence: operation.sequence,
                    id: operation.id,
                    payload: operation.payload
                )
            }
            var header = PushHeader(
                protocolVersion: WireVersions.own.highest,
                requestId: WallClock.system.identifier(),
                epoch: 1,
                base: first.sequence,
                count: part.count,
                previousChain: previous,
                lastChain: chain,
                nonce: nil,
                condition: Self.condition(pending: rest.count)
            )
            header.boot = first.time?.boot
            pushes.append(PreparedPush(Push(header: header, operations: part)))
        }
        return pushes
    }

    /// What an agent says of itself that has so much to send.
    static func condition(pending: Int) -> AgentCondition {
        AgentCondition(
            software: "bench",
            pending: Int64(pending),
            oldestPendingAt: nil,
            clockOffsetMs: nil,
            roundTripMs: nil
        )
    }
}
