import Folders
import Testing

@testable import Agent

@Suite struct `A folder's record` {
    private let key: PathHashKey
    private let root: PathHash
    private let visit: PathHash

    init() throws {
        key = try #require(PathHashKey(bytes: [UInt8](repeating: 1, count: 16)))
        root = key.hash([])
        visit = key.hash(Array("visit".utf8))
    }

    private func record(_ path: PathHash) -> DirectoryRecord {
        DirectoryRecord(path: path, modified: 1, newest: 1, contents: 1)
    }

    private func file(_ name: String) throws -> RelativePath {
        try #require(RelativePath(text: "visit/\(name)"))
    }

    @Test func `of a folder without open files is kept at once`() {
        var ledger = DirectoryLedger()
        ledger.directoryRead(record(visit))
        #expect(ledger.takeReady() == [record(visit)])
        #expect(ledger.takeReady().isEmpty)
    }

    @Test func `waits for every file, in its folder and in those around it`() throws {
        var ledger = DirectoryLedger()
        let (first, second) = (try file("a"), try file("b"))
        ledger.begin(first, in: [root, visit])
        ledger.begin(second, in: [root, visit])
        ledger.directoryRead(record(visit))
        ledger.directoryRead(record(root))
        ledger.end(first, in: [root, visit], taken: true)
        #expect(ledger.takeReady().isEmpty)
        ledger.end(second, in: [root, visit], taken: true)
        #expect(Set(ledger.takeReady()) == [record(visit), record(root)])
    }

    @Test(arguments: [true, false])
    func `is dropped where a file could not be taken, before or after it came`(
        _ isBefore: Bool
    ) throws {
        var ledger = DirectoryLedger()
        let file = try file("a")
        ledger.begin(file, in: [root, visit])
        if isBefore { ledger.end(file, in: [root, visit], taken: false) }
        ledger.directoryRead(record(visit))
        ledger.directoryRead(record(root))
        if !isBefore { ledger.end(file, in: [root, visit], taken: false) }
        #expect(ledger.takeReady().isEmpty)
        ledger.directoryRead(record(visit))
        #expect(ledger.takeReady() == [record(visit)])
    }
}
