import Shared

extension SecurityReport {
    static func findings(_ overview: AccountOverview, _ now: Instant) -> [Finding] {
        var found: [Finding] = []
        func add(_ kind: String, _ advice: String) {
            found.append(Finding(kind: kind, subject: overview.account.email, advice: advice))
        }
        if !overview.hasPassword {
            if overview.codeUntil == nil {
                add("invitationExpired", "Invite the person again, or disable the account.")
            }
            return found
        }
        if overview.lacksFactor {
            add(
                "noSecondFactor",
                "Whoever has the password may set one up: see that the person signs in, or disable "
                    + "the account."
            )
        }
        if overview.isAppGiven {
            add(
                "factorGiven",
                "Somebody else knows the secret of this app: the person sets up their own, on "
                    + "their account's page."
            )
        }
        if !overview.lacksFactor, overview.recoveryLeft == 0 {
            add("noRecoveryCodes", "The person makes new ones, on their account's page.")
        }
        let last = overview.lastSignInAt ?? overview.createdAt
        if now.duration(since: last) > .seconds(dormantDays * 86400) {
            add("dormant", "Nobody has signed in for \(dormantDays) days: disable the account.")
        }
        return found
    }

    /// What is old, unused, forgotten or copied among the tokens of programs.
    static func findings(_ program: Program, _ now: Instant) -> [Finding] {
        func finding(_ kind: String, _ advice: String) -> [Finding] {
            [Finding(kind: kind, subject: program.name, advice: advice)]
        }
        if let end = program.end {
            return end.cause == .reused && !end.isSeen
                ? finding(
                    "tokenReused",
                    "An old token was used after the new one: find out where it leaked, and say "
                        + "on the page Programs that you know."
                ) : []
        }
        guard let token = program.newest else { return [] }
        guard token.approvedAt != nil else {
            return now.duration(since: token.madeAt) > .seconds(7 * 86400)
                ? finding("tokenWaiting", "No clinician has let it in for a week: end it.") : []
        }
        let left = token.expiresAt.duration(since: now)
        guard left > .zero else {
            return finding("tokenExpired", "Make a new token, or end the program.")
        }
        var found: [Finding] = []
        if left < .seconds(14 * 86400) {
            found += finding("tokenExpiresSoon", "Make a new token and give it to the program.")
        }
        if left > .seconds(180 * 86400) {
            found += finding(
                "tokenLongLived",
                "It is good for more than half a year to come: rotate it to a shorter life."
            )
        }
        if now.duration(since: token.madeAt) > .seconds(180 * 86400) {
            found += finding("tokenOld", "It is more than half a year old: rotate it.")
        }
        let used = program.tokens.compactMap(\.lastUsedAt).max() ?? program.madeAt
        if now.duration(since: used) > .seconds(Int64(unusedDays) * 86400) {
            found += finding(
                "tokenUnused",
                "Nothing has used it for \(unusedDays) days: end the program."
            )
        }
        return found
    }

    static func findings(unreviewed: Int, unjustified: Int) -> [Finding] {
        var found: [Finding] = []
        if unreviewed > 0 {
            found.append(
                Finding(
                    kind: "emergencyUnreviewed",
                    subject: "\(unreviewed)",
                    advice: "An auditor reviews these emergency accesses, on the page Emergencies."
                )
            )
        }
        if unjustified > 0 {
            found.append(
                Finding(
                    kind: "emergencyUnjustified",
                    subject: "\(unjustified)",
                    advice: "Looked at without need within 30 days: speak with whoever did, and "
                        + "judge whether the patients have to be told."
                )
            )
        }
        return found
    }

    /// How long without use a program is called unused.
    static let unusedDays = 30

    static func findings(_ keys: [Key]) -> [Finding] {
        var newest: [String: Key] = [:]
        for key in keys where key.version >= newest[key.purpose]?.version ?? 0 {
            newest[key.purpose] = key
        }
        return newest.values.sorted { $0.purpose < $1.purpose }.compactMap { key in
            guard key.purpose == "field" else { return nil }
            if key.messages > SealingRing.messagesPerKey / 2 {
                return Finding(
                    kind: "keyNearlySpent",
                    subject: "\(key.purpose) \(key.version)",
                    advice: "The Hub makes another by itself; see that it is restarted at times."
                )
            }
            guard key.ageDays > oldKeyDays else { return nil }
            return Finding(
                kind: "keyOld",
                subject: "\(key.purpose) \(key.version)",
                advice: "It has sealed for more than two years: plan a rotation."
            )
        }
    }

    static func findings(administrators: Int, chainHolds: Bool) -> [Finding] {
        var found: [Finding] = []
        if administrators < 2 {
            found.append(
                Finding(
                    kind: "fewAdministrators",
                    subject: "\(administrators)",
                    advice: "Two people at least should be able to help each other back in."
                )
            )
        }
        if !chainHolds {
            found.append(
                Finding(
                    kind: "auditBroken",
                    subject: "audit",
                    advice: "Export it and run clinic-hub audit verify: somebody changed records."
                )
            )
        }
        return found
    }
}
