import Shared
import Sync
import Testing

@Suite struct UploadTests {
    @Test func `a range survives its journey`() throws {
        let range = try #require(UploadRange(start: 262_144, count: 10, total: 262_154))
        #expect(range.header == "bytes 262144-262153/262154")
        #expect(UploadRange(header: range.header) == range)
    }

    @Test(arguments: [
        "", "bytes", "bytes 0-1", "bytes 0-1/*", "bytes 0-1/1", "bytes 1-0/5", "bytes -1-2/5",
        "bytes 0-4/5/6", "bytes 0-4-5/9", "bits 0-4/9", "bytes 0-4/4194305", "bytes +0-4/9",
        "bytes 0-99999999999999999999/99999999999999999999", "bytes 0-0/0", "bytes  0-4/9",
    ])
    func `a range that is none is refused`(header: String) {
        #expect(UploadRange(header: header) == nil)
    }

    @Test func `runs follow each other to the end`() {
        let total = SyncLimits.uploadBytes + 7
        #expect(
            UploadRange.next(behind: 0, of: total)
                == UploadRange(start: 0, count: SyncLimits.uploadBytes, total: total)
        )
        #expect(
            UploadRange.next(behind: SyncLimits.uploadBytes, of: total)
                == UploadRange(start: SyncLimits.uploadBytes, count: 7, total: total)
        )
        #expect(UploadRange.next(behind: total, of: total) == nil)
        #expect(UploadRange.next(behind: total + 1, of: total) == nil)
        #expect(UploadRange.next(behind: -1, of: total) == nil)
    }
}
