import HTTPTypes
import Hummingbird
import Shared
import Sync

/// Where agents upload documents that are too large for their operations.
struct UploadRoutes: Sendable {
    let uploads: UploadStore

    func add(to group: RouterGroup<AgentsContext>) {
        group.get(.init(SyncPaths.documents + "/:sha256"), use: state)
        group.put(.init(SyncPaths.documents + "/:sha256"), use: upload)
    }

    @Sendable
    private func state(_ request: Request, context: AgentsContext) async throws -> Response {
        let digest = try Self.digest(context)
        return try Response(json: try await uploads.state(of: digest, for: context.agent))
    }

    /// A run of bytes with `content-range`, or the whole document without.
    @Sendable
    private func upload(_ request: Request, context: AgentsContext) async throws -> Response {
        let digest = try Self.digest(context)
        guard let text = request.headers[.contentRange] else {
            return try await whole(request, digest, context)
        }
        guard let range = UploadRange(header: text) else {
            throw SyncError.malformed("the range is not one of a document")
        }
        guard range.count <= SyncLimits.uploadBytes else { throw SyncError.tooLarge }
        let buffer = try await request.body.collect(upTo: SyncLimits.uploadBytes)
        guard buffer.readableBytes == range.count else {
            throw SyncError.malformed("the body has another size than its range")
        }
        return try Response(
            json: try await uploads.append(
                Array(buffer.readableBytesView),
                range,
                digest: digest,
                agent: context.agent
            )
        )
    }

    private func whole(
        _ request: Request,
        _ digest: Digest256,
        _ context: AgentsContext
    ) async throws -> Response {
        let buffer = try await request.body.collect(upTo: Limits.documentBytes)
        let content = Array(buffer.readableBytesView)
        guard Digest256(of: content) == digest else {
            throw SyncError.malformed("the bytes have another SHA-256")
        }
        try await uploads.store(content, digest: digest, agent: context.agent)
        return try Response(
            json: UploadReply(sha256: digest, received: content.count, isComplete: true)
        )
    }

    private static func digest(_ context: AgentsContext) throws(SyncError) -> Digest256 {
        guard let digest = context.parameters.get("sha256").flatMap({ Digest256(hexadecimal: $0) })
        else { throw .malformed("an upload's path ends with a SHA-256") }
        return digest
    }
}
