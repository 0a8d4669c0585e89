import Shared

extension SecurityReport {
    /// Why nothing could be read, as a finding.
    package static func finding(_ error: WallError) -> Finding {
        WallCheck.finding(error.weakness, error.role)
    }

    /// How long a mail may wait for its server before it is told.
    static let mailPatience = Duration.seconds(3600)

    /// What could not be mailed.
    static func findings(_ mails: [MailRecord], _ now: Instant) -> [Finding] {
        var found: [Finding] = []
        for mail in mails {
            guard case .givenUp(_, let failure) = mail.state else { continue }
            found.append(
                Finding(
                    kind: "mailGivenUp",
                    subject: mail.recipient,
                    advice: "\(mail.kind.title): \(MailRecord.sentence(failure)). Mail it again, "
                        + "hand a code over on paper, or correct the address."
                )
            )
        }
        let late = mails.filter { mail in
            guard case .waiting(_, .some) = mail.state else { return false }
            return now.duration(since: mail.madeAt) > mailPatience
        }
        guard let newest = late.first, case .waiting(_, let failure) = newest.state else {
            return found
        }
        found.append(
            Finding(
                kind: "mailWaiting",
                subject: "\(late.count)",
                advice: "They cannot be mailed since more than an hour: "
                    + "\(MailRecord.sentence(failure)). clinic-hub mail test says what fails."
            )
        )
        return found
    }

    /// Records whose term is over, and that nothing holds.
    static func findings(due: [RetentionStore.Due]) -> [Finding] {
        let free = due.filter(\.holds.isEmpty)
        var found: [Finding] = []
        let overdue = free.filter(\.isOverdue).count
        if overdue > 0 {
            found.append(
                Finding(
                    kind: "recordsOverdue",
                    subject: "\(overdue)",
                    advice: "Their last contact is more than \(RetentionStore.latestYears) years "
                        + "ago: two clinicians end them, on the page of records whose term is over."
                )
            )
        }
        let waiting = free.count - overdue
        if waiting > 0 {
            found.append(
                Finding(
                    kind: "recordsDue",
                    subject: "\(waiting)",
                    advice: "Their term of \(RetentionStore.years) years is over: clinicians "
                        + "decide, on the page of records whose term is over."
                )
            )
        }
        return found
    }
}
