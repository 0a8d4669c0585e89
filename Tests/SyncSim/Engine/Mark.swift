/// What a good generator reaches now and then: five thousand seeds without one of these test nothing
/// of it.
package enum Mark: String, CaseIterable, Sendable {
    // Errors on the wire, as an Agent receives them.
    case errorBusy, errorCloneSuspect, errorContentMissing, errorEpochClosed, errorFork
    case errorGarbage
    case errorMalformed, errorTooLarge, errorUnreachable, errorFailed
    // The network.
    case requestLost, replyLost, requestDoubled, requestLate, halfOpen, partitioned, swizzled
    // Disks and processes.
    case commitLostInCrash, commitSurvivedCrash, captureRefused, hubDiedBeforeCommit
    case hubDiedBeforeReply, storeFailed
    // Clocks.
    case clockJumped, clockFrozen, hubClockJumped
    // Operations.
    case verdictApplied, verdictDuplicate, quarantinedMalformed, quarantinedUnknownKind
    case quarantinedUnknownVersion, quarantinedUnstorable, documentUploaded, batchHalved
    case operationPurged, operationIsolated, operationWithheld
    case verdictsStoredMeanwhile, verdictsWaitedFor, verdictsLost
    // Rewinds.
    case hubRestored, hubRolledBack, hubRewindRepaired, recoveryBegun, recoveryOver
    case agentRestored, agentRolledBack, storeLost, cloned, cloneApproved, cloneReplaces
    case epochRewound, epochForked, epochCloned, epochStoreLost, epochHole, epochHubRestored
    case comparedInPages, holeListed
    // Down.
    case pageApplied, removalApplied, otherHub, compacted, digestMismatch, snapshotTaken
    case snapshotForDigest, snapshotForCursor, snapshotForHub
    case commandDelivered, commandExpired, commandSuperseded, commandCancelled
    case commandFoundOut
    // Revocation.
    case revoked, takenAgain, leftoverShown
}

/// How often each mark was reached.
package struct Marks: Sendable, Equatable {
    private var counts = [Int](repeating: 0, count: Mark.allCases.count)
    private static let places = Dictionary(
        uniqueKeysWithValues: Mark.allCases.enumerated().map { ($1, $0) }
    )

    /// Nothing reached.
    package init() {}

    /// How often.
    package subscript(mark: Mark) -> Int {
        get { counts[Self.places[mark] ?? 0] }
        set { counts[Self.places[mark] ?? 0] = newValue }
    }

    /// Adds another run's.
    package mutating func add(_ other: Marks) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// What was never reached.
    package var missing: [Mark] {
        Mark.allCases.filter { self[$0] == 0 }
    }
}
