package import Shared

/// What the Hub knows of one Agent's log: where it ends, which nonces are good, and who speaks.
package struct HubLedger: Equatable, Sendable {
    /// The epoch that is open.
    package var epoch: Int
    /// Durable up to here; 0 for nothing.
    package var applied: Int64
    /// The chain there.
    package var chain: Digest256
    /// What the next push has to present; nil before the first session.
    package var nonce: String?
    /// The one before it: good for a session only, where the last reply was lost.
    package var previousNonce: String?
    /// Who speaks for the Agent; nil before one has said who it is.
    package var speaker: Speaker?

    /// Takes the parts as they are.
    package init(
        epoch: Int = 1,
        applied: Int64 = 0,
        chain: Digest256 = Chain.start,
        nonce: String? = nil,
        previousNonce: String? = nil,
        speaker: Speaker? = nil
    ) {
        self.epoch = epoch
        self.applied = applied
        self.chain = chain
        self.nonce = nonce
        self.previousNonce = previousNonce
        self.speaker = speaker
    }
}

/// Who speaks for an Agent, and who did before.
package struct Speaker: Equatable, Sendable, Codable {
    package var installation: Installation
    /// Processes that spoke before this one, the newest first.
    ///
    /// One that comes back while another speaks is the proof that there are two.
    package var formerRuns: [Identifier]
    /// When a session of this one was last opened, by the Hub's clock.
    package var heardAt: Instant

    /// An Agent opens a session every 60 s; one that has opened none for so long has ended.
    package static let silence = Duration.seconds(75)
    /// Former processes that are remembered.
    static let remembered = 16

    /// Takes the parts as they are.
    package init(installation: Installation, formerRuns: [Identifier] = [], heardAt: Instant) {
        self.installation = installation
        self.formerRuns = formerRuns
        self.heardAt = heardAt
    }

    /// The speaker behind a session of `next`.
    ///
    /// - Parameters:
    ///   - next: who speaks now.
    ///   - isCurrent: whether `next` knows what only the present speaker can know: the nonce, or
    ///     that the Hub has forgotten something.
    ///   - now: the Hub's clock.
    /// - Returns: what the Hub knows from now on.
    /// - Throws: `cloneSuspect` where `next` and the present speaker are two.
    func succeeded(
        by next: Installation,
        isCurrent: Bool,
        now: Instant
    ) throws(SyncError) -> Speaker {
        guard next.isOnMachine(of: installation) else { throw .cloneSuspect }
        guard next.run != installation.run else {
            return Speaker(installation: next, formerRuns: formerRuns, heardAt: now)
        }
        let hasReturned = formerRuns.contains(next.run)
        let quiet = now.duration(since: heardAt)
        // A clock that was set back says nothing: then nobody is refused.
        if quiet >= .zero, quiet < Self.silence, hasReturned || !isCurrent { throw .cloneSuspect }
        let former = [installation.run] + formerRuns.filter { $0 != next.run }
        return Speaker(
            installation: next,
            formerRuns: Array(former.prefix(Self.remembered)),
            heardAt: now
        )
    }
}
