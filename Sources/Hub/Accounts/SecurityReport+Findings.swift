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
