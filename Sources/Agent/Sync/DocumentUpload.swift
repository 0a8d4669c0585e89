import NIOHTTP1
import Shared
import Sync

/// Where a document's bytes go: the Hub, or a test's own.
protocol UploadTarget: Sendable {
    /// How much of a document the Hub has.
    func received(of digest: Digest256) async throws(SyncError) -> UploadReply
    /// Sends a run of its bytes.
    func upload(
        _ content: [UInt8],
        _ range: UploadRange,
        digest: Digest256
    ) async throws(SyncError) -> UploadReply
    /// Sends it whole, to a Hub that knows nothing else.
    func upload(_ content: [UInt8], digest: Digest256) async throws(SyncError)
}

/// Uploads a document in runs, from where the last attempt ended.
struct DocumentUpload: Sendable {
    let target: any UploadTarget

    /// Sends what the Hub does not have yet.
    ///
    /// - Throws: `SyncError` of the first run that failed; `garbage` where the Hub gets no further.
    func send(_ content: [UInt8], digest: Digest256) async throws(SyncError) {
        var reply: UploadReply
        do {
            reply = try await target.received(of: digest)
        } catch SyncError.failed(status: 404) {
            return try await target.upload(content, digest: digest)
        }
        // A Hub that forgets may ask twice for everything, and no more often.
        var runs = 2 * (content.count / SyncLimits.uploadBytes + 1)
        while reply.isComplete != true {
            guard let received = reply.received, runs > 0,
                let range = UploadRange.next(behind: received, of: content.count)
            else { throw .garbage }
            runs -= 1
            let run = Array(content[range.start..<(range.start + range.count)])
            reply = try await target.upload(run, range, digest: digest)
        }
    }
}

extension HubClient: UploadTarget {
    func received(of digest: Digest256) async throws(SyncError) -> UploadReply {
        try await get(SyncPaths.upload(digest), reply: UploadReply.self)
    }

    func upload(
        _ content: [UInt8],
        _ range: UploadRange,
        digest: Digest256
    ) async throws(SyncError) -> UploadReply {
        try await send(
            SyncPaths.upload(digest),
            method: .PUT,
            type: "application/octet-stream",
            headers: ["content-range": range.header],
            body: content,
            reply: UploadReply.self
        )
    }
}
