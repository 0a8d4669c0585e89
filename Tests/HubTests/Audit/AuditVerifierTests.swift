import Crypto
import Shared
import Testing

@testable import Hub

@Suite struct AuditVerifierTests {
    /// An export of ten records, made by hand, and where its chain stands behind each.
    private struct Sample {
        var lines = [AuditExport.head]
        var chains = [AuditChain.start]

        init() {
            for sequence in 1...10 {
                let body = "{\"action\":\"GET /patients/{id}\",\"at\":\(sequence)}"
                let chain = AuditChain.next(
                    after: chains[sequence - 1],
                    sequence: Int64(sequence),
                    body: Array(body.utf8)
                )
                chains.append(chain)
                lines.append("\(sequence)\t\(chain.hexadecimal)\t\(body)")
            }
        }
    }

    private let key: AuditKey
    private let sample = Sample()

    init() throws {
        key = try AuditKey(InstallationKey(credential: [UInt8](repeating: 7, count: 32)))
    }

    private func checkpoint(_ sequence: Int) throws -> AuditCheckpoint {
        try key.checkpoint(
            Int64(sequence),
            sample.chains[sequence],
            at: Instant(milliseconds: 1_763_629_200_000)
        )
    }

    private func verify(
        _ lines: [String],
        _ checkpoints: [AuditCheckpoint] = [],
        trusting key: String? = nil
    ) -> AuditVerifier.Fault? {
        var verifier = AuditVerifier(checkpoints: checkpoints, trustedKey: key)
        for line in lines {
            if let fault = verifier.take(line[...].utf8) { return fault }
        }
        return verifier.end()
    }

    @Test func `an export that nobody touched holds`() throws {
        #expect(verify(sample.lines) == nil)
        #expect(verify(sample.lines, [try checkpoint(4), try checkpoint(10)]) == nil)
    }

    @Test func `the link is SHA-256 over the one before, the number and the body`() {
        var hasher = SHA256()
        hasher.update(data: [UInt8](repeating: 0, count: 32))
        hasher.update(data: [0, 0, 0, 0, 0, 0, 0, 1])
        hasher.update(data: Array("{\"action\":\"GET /patients/{id}\",\"at\":1}".utf8))
        #expect(sample.chains[1].bytes == Array(hasher.finalize()))
    }

    @Test func `an edited record is found`() {
        var lines = sample.lines
        lines[5] = lines[5].replacing("\"at\":5", with: "\"at\":6")
        #expect(verify(lines) == .altered(sequence: 5))
    }

    @Test func `an edited link is found`() {
        var lines = sample.lines
        let parts = lines[5].split(separator: "\t")
        lines[5] = "5\t\(sample.chains[4].hexadecimal)\t\(parts[2])"
        #expect(verify(lines) == .altered(sequence: 5))
    }

    @Test func `a removed record is found`() {
        var lines = sample.lines
        lines.remove(at: 5)
        #expect(verify(lines) == .outOfOrder(expected: 5, found: 6))
    }

    @Test func `two records that changed places are found`() {
        var lines = sample.lines
        lines.swapAt(5, 6)
        #expect(verify(lines) == .outOfOrder(expected: 5, found: 6))
    }

    @Test func `a removed record whose successors were numbered anew is found`() {
        var lines = sample.lines
        lines.remove(at: 5)
        for index in 5..<lines.count {
            lines[index] = "\(index)" + lines[index].drop { $0 != "\t" }
        }
        #expect(verify(lines) == .altered(sequence: 5))
    }

    @Test func `a cut-off end shows beside a checkpoint`() throws {
        let lines = Array(sample.lines.dropLast(3))
        #expect(verify(lines) == nil)
        #expect(verify(lines, [try checkpoint(10)]) == .cutOff(known: 10, found: 7))
    }

    @Test func `a chain that was computed anew shows beside a checkpoint`() throws {
        var lines = [AuditExport.head]
        var chain = AuditChain.start
        for sequence in 1...10 {
            let body = "{\"action\":\"GET /readings\",\"at\":\(sequence)}"
            chain = AuditChain.next(
                after: chain,
                sequence: Int64(sequence),
                body: Array(body.utf8)
            )
            lines.append("\(sequence)\t\(chain.hexadecimal)\t\(body)")
        }
        #expect(verify(lines) == nil)
        #expect(verify(lines, [try checkpoint(4)]) == .rewritten(sequence: 4))
    }

    @Test func `a checkpoint that nobody signed, or another key, is found`() throws {
        var forged = try checkpoint(4)
        forged.sequence = 3
        #expect(verify(sample.lines, [forged]) == .checkpointForged(sequence: 3))
        let other = try AuditKey(InstallationKey(credential: [UInt8](repeating: 8, count: 32)))
        let foreign = try other.checkpoint(4, sample.chains[4], at: Instant(milliseconds: 0))
        #expect(verify(sample.lines, [foreign]) == nil)
        #expect(
            verify(sample.lines, [foreign], trusting: key.publicKey)
                == .checkpointOfOtherKey(sequence: 4)
        )
    }

    @Test(arguments: [
        ("", AuditVerifier.Fault.lineUnreadable(line: 2)),
        ("x\ty", .lineUnreadable(line: 2)),
        ("1\tzz\t{}", .lineUnreadable(line: 2)),
        ("checkpoint\t{}", .lineUnreadable(line: 2)),
        ("-1\t" + String(repeating: "0", count: 64) + "\t{}", .lineUnreadable(line: 2)),
    ])
    func `a line that is none is said to be none`(line: String, fault: AuditVerifier.Fault) {
        #expect(verify([AuditExport.head, line]) == fault)
    }

    @Test func `another file is no export`() {
        #expect(verify([]) == .headMissing)
        #expect(verify(["clinic-audit 2"]) == .headMissing)
    }
}
