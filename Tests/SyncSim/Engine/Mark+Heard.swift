import Sync

extension World {
    /// Notes an error that an Agent met.
    func met(_ error: SyncError) {
        switch error {
        case .busy: reached(.errorBusy)
        case .cloneSuspect: reached(.errorCloneSuspect)
        case .contentMissing: reached(.errorContentMissing)
        case .epochClosed: reached(.errorEpochClosed)
        case .fork: reached(.errorFork)
        case .garbage: reached(.errorGarbage)
        case .malformed: reached(.errorMalformed)
        case .tooLarge: reached(.errorTooLarge)
        case .unreachable: reached(.errorUnreachable)
        case .failed: reached(.errorFailed)
        default: break
        }
    }

    /// Notes why an epoch began.
    func began(_ reason: EpochReason) {
        switch reason {
        case .rewound: reached(.epochRewound)
        case .forked: reached(.epochForked)
        case .cloned: reached(.epochCloned)
        case .storeLost: reached(.epochStoreLost)
        case .hole: reached(.epochHole)
        case .hubRestored: reached(.epochHubRestored)
        case .enrolled, .manual: break
        }
    }

    /// Notes what became of an operation.
    func heard(_ verdict: Verdict) {
        switch (verdict.outcome, verdict.code) {
        case (.applied, _): reached(.verdictApplied)
        case (.duplicate, _): reached(.verdictDuplicate)
        case (.quarantined, "kindUnknown"): reached(.quarantinedUnknownKind)
        case (.quarantined, "versionUnknown"): reached(.quarantinedUnknownVersion)
        case (.quarantined, "unstorable"): reached(.quarantinedUnstorable)
        case (.quarantined, _): reached(.quarantinedMalformed)
        }
    }
}
