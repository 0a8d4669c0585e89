package import Hummingbird
import Logging
package import NIOCore

/// What a request carries through middleware and handler beside itself.
package struct HubContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The address of the connection's other end; nil where there is no socket.
    package let peer: SocketAddress?

    /// What a person quotes to have the request found in the log.
    var reference: String {
        logger[metadataKey: "hb.request.id"].map { "\($0)" } ?? "unknown"
    }

    /// No form of ours is longer.
    package var maxUploadSize: Int { WebLimits.formBytes }

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress
    }
}

/// The caps of the people's listener.
enum WebLimits {
    /// The body of a form.
    static let formBytes = 16 * 1024
    /// The query string of a page.
    static let queryBytes = 4096
    /// All header lines of a request together, and each.
    static let headerBytes = 16 * 1024
    /// Rows of one page of a list.
    static let pageRows = 50
}
