import Shared

/// The page with the two fields.
struct SignInPage: Page {
    static let template = "sign-in"

    let title = "Sign in"
    let assets: Assets.Names
    let isWide = false
    /// Why the last attempt did not succeed; nil at first.
    let refusal: String?
    /// Something to know; nil for nothing.
    let notice: String?
    /// What was typed; nil at first.
    let email: String?
    /// Where to go afterwards.
    let next: String

    /// The same sentence for an unknown address and for a wrong password.
    static let mismatch =
        "That address and password do not belong together. Check both, then try again."

    static func wait(_ duration: Duration) -> String {
        "There were too many failed attempts. Wait \(shortSpan(roundedUp(duration))), then try again."
    }

    /// Whole seconds, never less than what is left.
    static func roundedUp(_ duration: Duration) -> Duration {
        .seconds((duration.wholeMilliseconds + 999) / 1000)
    }
}
