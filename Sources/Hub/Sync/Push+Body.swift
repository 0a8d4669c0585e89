import Gzip
import Sync

extension Push {
    /// Reads the body of a request: one member of gzip.
    ///
    /// Errors: `tooLarge`, `versionNewer`, `malformed`.
    init(body: [UInt8]) throws(SyncError) {
        let text: [UInt8]
        do {
            text = try Gzip.decompress(body, limit: SyncLimits.inflatedBytes)
        } catch .tooLarge {
            throw .tooLarge
        } catch {
            throw .malformed("the body is not one gzip member")
        }
        try self.init(text: text)
    }
}
