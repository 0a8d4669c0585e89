package import HTTPTypes

/// A refusal or a failure as a person is told of it: what happened, what was kept, what to do.
package struct PageError: Error, Sendable {
    /// The status of the answer.
    package var status: HTTPResponse.Status
    /// A word for logs and tests.
    package var code: String
    /// A few words on top.
    package var heading: String
    /// What happened.
    package var happened: String
    /// What was kept or changed.
    package var kept: String
    /// What to do next.
    package var next: String
    /// Seconds to wait before trying again.
    package var retryAfterSeconds: Int?

    /// Nobody is signed in.
    static let signInNeeded = PageError(
        status: .unauthorized,
        code: "signInNeeded",
        heading: "You are signed out",
        happened: "This page is for people who are signed in, and your session has ended.",
        kept: "Nothing was changed.",
        next: "Sign in, then try again."
    )

    /// What is asked for needs the second factor again.
    static let freshFactorNeeded = PageError(
        status: .forbidden,
        code: "freshFactorNeeded",
        heading: "Confirm that it is you",
        happened: "This asks for your second factor to have been shown within five minutes.",
        kept: "Nothing was changed.",
        next: "Confirm that it is you, then try again."
    )

    /// The only second factor that is left.
    static let lastFactor = PageError(
        status: .conflict,
        code: "lastFactor",
        heading: "That is your only second factor",
        happened: "Everybody who signs in here needs one, and this one is the last that you have.",
        kept: "Nothing was changed.",
        next: "Set up another one first, then remove this one."
    )

    /// An administrator's own account.
    static let ownAccount = PageError(
        status: .conflict,
        code: "ownAccount",
        heading: "That is your own account",
        happened: "Nobody disables their own account or takes away their own second factor here.",
        kept: "Nothing was changed.",
        next: "Ask another administrator, or use the command line on the server."
    )

    /// The person's role does not allow it.
    static let forbidden = PageError(
        status: .forbidden,
        code: "forbidden",
        heading: "Not yours to see",
        happened: "Your account does not have the permission that this page needs.",
        kept: "Nothing was changed.",
        next: "If you need it for your work, ask whoever manages accounts at your clinic."
    )

    /// No token, or none that opens anything.
    static func tokenRefused(_ code: String) -> PageError {
        PageError(
            status: .unauthorized,
            code: code,
            heading: "No valid token",
            happened: "The request carries no token that opens anything here.",
            kept: "Nothing was changed.",
            next: "Send a valid one as “Authorization: Bearer …”."
        )
    }

    /// A token in the address, or a session where a token belongs.
    static func tokenMisplaced(_ code: String) -> PageError {
        PageError(
            status: .badRequest,
            code: code,
            heading: "Not that way",
            happened: "A token travels in the header Authorization alone, and no cookie with it.",
            kept: "Nothing was changed.",
            next: "Send “Authorization: Bearer …” and no cookie; replace a token that was in an "
                + "address, for addresses are logged."
        )
    }

    /// Too many texts that are no token.
    static func tokenWait(_ seconds: Int) -> PageError {
        PageError(
            status: .tooManyRequests,
            code: "tooManyFailures",
            heading: "Too many failures",
            happened: "Requests without a valid token came too often from this network.",
            kept: "Nothing was changed.",
            next: "Wait, then try again with a valid token.",
            retryAfterSeconds: seconds
        )
    }

    /// A program that reads at several sites, and does not say at which.
    static let siteNeeded = PageError(
        status: .badRequest,
        code: "siteNeeded",
        heading: "Which site?",
        happened: "The token is for several sites, and the address names none.",
        kept: "Nothing was changed.",
        next: "Add “site=” with one of the identifiers of /api/v1/token."
    )

    /// A cursor of before the Hub was restored from a backup.
    static let historyChanged = PageError(
        status: .conflict,
        code: "historyChanged",
        heading: "Begin anew",
        happened: "The Hub was restored from a backup, and counts from an earlier place.",
        kept: "What was read is right as of then; some of it may come again.",
        next: "Read from the beginning, without “after”."
    )

    /// No such page, or none that this person may see.
    static let notFound = PageError(
        status: .notFound,
        code: "notFound",
        heading: "Nothing is here",
        happened: "The address names nothing at a site that you may see.",
        kept: "Nothing was changed.",
        next: "Check the address, or start again from the first page."
    )

    /// An account that no site was given to.
    static let noSite = PageError(
        status: .forbidden,
        code: "noSite",
        heading: "No site yet",
        happened: "Your account has not been given a site.",
        kept: "Nothing was changed.",
        next: "Ask whoever manages accounts at your clinic to add you to a site."
    )

    /// A request that cannot be understood.
    static let badRequest = PageError(
        status: .badRequest,
        code: "badRequest",
        heading: "That address makes no sense here",
        happened: "The request holds something that this page does not understand.",
        kept: "Nothing was changed.",
        next: "Go back and try again, or start again from the first page."
    )

    /// A form that did not come from our own page.
    static let forgery = PageError(
        status: .forbidden,
        code: "forgery",
        heading: "That form was not accepted",
        happened: "The form did not come from a page of this Hub in your present session.",
        kept: "Nothing was changed.",
        next: "Go back, reload the page, and send it again."
    )

    /// Too much work at once.
    static let busy = PageError(
        status: .serviceUnavailable,
        code: "busy",
        heading: "Too many at once",
        happened: "The Hub is answering too many requests of this kind.",
        kept: "Nothing was changed.",
        next: "Wait a few seconds, then try again.",
        retryAfterSeconds: 5
    )

    /// The database does not answer.
    static let databaseAway = PageError(
        status: .serviceUnavailable,
        code: "databaseAway",
        heading: "The database cannot be reached",
        happened: "The Hub is running, and its database does not answer.",
        kept: "Readings are safe: Agents keep them until the Hub has stored them.",
        next: "Try again in a minute. If it lasts, tell whoever looks after the server.",
        retryAfterSeconds: 15
    )

    /// Anything that nobody foresaw.
    static let unforeseen = PageError(
        status: .internalServerError,
        code: "internal",
        heading: "Something went wrong here",
        happened: "The Hub failed to make this page. That is a fault of the Hub, not yours.",
        kept: "What was stored before is safe; if you sent a form, check whether it took effect.",
        next: "Try again. If it happens again, report it with the reference below."
    )
}
