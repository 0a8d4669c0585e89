package import Shared
package import Sync

/// One device as the Agent sees it now: what the Hub, `clinic-agent devices` and the log are told.
package struct DeviceState: Equatable, Sendable, Codable {
    package var key: String
    package var attachment: DeviceFact.Attachment
    package var state: DeviceFact.State
    /// The Agent's clock when it came into this state.
    package var since: Instant
    package var adapter: DeviceFact.Adapter
    /// What is opened: `/dev/ttyUSB0`, a folder.
    package var node: String?
    package var driver: String?
    /// The name of the source of its documents; nil where nothing serves it.
    package var source: String?
    /// Documents taken since the Agent started.
    package var documents: Int
    package var lastDocumentAt: Instant?
    package var problem: DeviceFact.Problem?
    /// Files of a medium that were looked at.
    package var files: Int?
    /// Bytes that came over a line since it was attached.
    package var bytes: Int?

    /// Takes the parts as they are.
    package init(
        key: String,
        attachment: DeviceFact.Attachment,
        state: DeviceFact.State,
        since: Instant,
        adapter: DeviceFact.Adapter = DeviceFact.Adapter(),
        node: String? = nil,
        driver: String? = nil,
        source: String? = nil,
        documents: Int = 0,
        lastDocumentAt: Instant? = nil,
        problem: DeviceFact.Problem? = nil,
        files: Int? = nil
    ) {
        self.key = key
        self.attachment = attachment
        self.state = state
        self.since = since
        self.adapter = adapter
        self.node = node
        self.driver = driver
        self.source = source
        self.documents = documents
        self.lastDocumentAt = lastDocumentAt
        self.problem = problem
        self.files = files
    }

    /// What travels to the Hub: without what changes with every document.
    package func fact(accepts: [String] = []) -> DeviceFact {
        DeviceFact(
            key: key,
            attachment: attachment,
            state: state,
            since: since,
            adapter: adapter,
            driver: driver,
            source: source,
            accepts: accepts,
            problem: problem
        )
    }
}
