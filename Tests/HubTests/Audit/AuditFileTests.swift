import Foundation
import Shared
import TestKit
import Testing

@testable import Hub

/// An export that is read from a disk, window by window.
@Suite struct AuditFileTests {
    /// Records of which some are longer than others, so that lines lie across windows.
    private static func text(_ count: Int64) throws -> String {
        var chain = AuditChain.start
        var text = AuditExport.head + "\n"
        for number in 1...count {
            let record = AuditRecord(
                at: Instant(milliseconds: number),
                action: String(repeating: "x", count: Int(number % 977)),
                reason: "r\(number)"
            )
            let body = try JSON.encode(record)
            chain = AuditChain.next(after: chain, sequence: number, body: body)
            text += "\(number)\t\(chain.hexadecimal)\t\(String(decoding: body, as: UTF8.self))\n"
        }
        return text
    }

    private func fault(_ text: String) async throws -> (AuditVerifier.Fault?, Int64) {
        try await TemporaryFolder.with { folder in
            let path = folder + "/export"
            try Data(text.utf8).write(to: URL(filePath: path))
            var verifier = AuditVerifier()
            let fault = try AuditFile.verify(path, &verifier)
            return (fault, verifier.records)
        }
    }

    @Test func `a file of several windows holds, and one changed byte of it does not`() async throws
    {
        let text = try Self.text(6000)
        #expect(text.utf8.count > 3 << 20)
        let (whole, records) = try await fault(text)
        #expect(whole == nil && records == 6000)
        #expect(
            try await fault(text.replacing("\"r5999\"", with: "\"r5990\"")).0
                == .altered(sequence: 5999)
        )
        #expect(try await fault(text.uppercasedLinks).0 == nil)
    }

    @Test func `a line without an end is read, a cut one is found, and so is a removed one`()
        async throws
    {
        let text = try Self.text(3)
        #expect(try await fault(String(text.dropLast())).0 == nil)
        #expect(try await fault(String(text.dropLast(5))).0 == .altered(sequence: 3))
        let lines = text.split(separator: "\n")
        let removed = [lines[0], lines[1], lines[3]].joined(separator: "\n") + "\n"
        #expect(try await fault(removed).0 == .outOfOrder(expected: 2, found: 3))
    }

    @Test(arguments: [
        "", "\n", "clinic-audit 2\n", "clinic-audit 1\nx\n", "clinic-audit 1\n1\tab\tc\n",
        "clinic-audit 1\n99999999999999999999\t" + String(repeating: "0", count: 64) + "\tx\n",
        "clinic-audit 1\n-1\t" + String(repeating: "0", count: 64) + "\tx\n",
        "clinic-audit 1\n1\t" + String(repeating: "g", count: 64) + "\tx\n",
        "clinic-audit 1\n" + String(repeating: "x", count: 3 << 20),
        "clinic-audit 1\ncheckpoint\t{}\n",
    ])
    func `what is no export is none, whatever it holds`(text: String) async throws {
        let (fault, records) = try await fault(text)
        #expect(fault != nil && records == 0)
    }

    @Test func `a file that is not there is said to be unreadable`() {
        var verifier = AuditVerifier()
        #expect(throws: AuditFile.Unreadable.self) {
            try AuditFile.verify("/nonexistent/export", &verifier)
        }
    }
}

extension String {
    /// The same with the links in capitals, as another program may write them.
    fileprivate var uppercasedLinks: String {
        split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", maxSplits: 2)
            guard parts.count == 3 else { return String(line) }
            return "\(parts[0])\t\(parts[1].uppercased())\t\(parts[2])"
        }.joined(separator: "\n") + "\n"
    }
}
