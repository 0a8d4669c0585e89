/// Mistakes that somebody could make in a driver or a store, each of which the simulation has to
/// find; none of them is in the product.
package enum SeededBug: String, CaseIterable, Sendable {
    /// A person is told that a measurement is kept before the commit.
    case acknowledgeBeforeCommit
    /// Commits that are not durable when they return (`synchronous=NORMAL`).
    case commitsNotDurable
    /// The Hub answers a push before it commits.
    case hubAnswersBeforeCommit
    /// Changes are asked for by time instead of position.
    case timestampCursor
    /// What the Hub has acknowledged is removed at once.
    case earlyPurge
    /// What is old is removed whether the Hub has it or not.
    case purgeUnacknowledged
    /// Nobody looks at the nonce, nor at who speaks: two copies are not told apart.
    case nonceNotChecked
    /// A Hub that was restored is believed, but nothing is marked as pending again.
    case rewindMarksNothing
    /// What is numbered anew gets new identifiers as well.
    case renumberingChangesIdentifiers
    /// The Hub does not ask whether it has had an identifier under another number.
    case identifiersNotCompared
    /// What is gone at both ends is told to nobody.
    case holeNotListed
    /// Retention goes by the PC's own clock.
    case purgeByOwnClock
    /// Retention goes by the Hub's clock alone.
    case purgeByHubClock
    /// What waits on a revoked PC is thrown away.
    case revocationDropsPending
    /// Nobody compares what a replica holds with what it should hold.
    case digestNotCompared
    /// Rows that a snapshot lacks stay.
    case snapshotKeepsOldRows
    /// Removals are forgotten, and whoever missed them is not told to fetch every row.
    case floorNotMoved
    /// The cursor is stored first, and the page in a transaction of its own.
    case cursorBeforePage
    /// A verdict marks the operation behind it as well.
    case verdictMarksNext
    /// How far the Hub is becomes durable with the nonce, before the verdicts that say so.
    case positionBeforeVerdicts
    /// What the Hub has already is stored and shown again.
    case repeatedPushStoredAgain
    /// A command that was begun before a crash is begun anew.
    case commandDeliveredAgain
    /// Rows that the Hub removed stay at the Agent.
    case removalIgnored
    /// A wait after a failure is never ended by its timer: only by the next measurement.
    case retryTimerForgotten
}
