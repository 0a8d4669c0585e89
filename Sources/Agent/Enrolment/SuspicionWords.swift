package import Sync

/// What `status` and `doctor` say of a state folder that does not fit its surroundings.
extension Suspicion {
    /// What was found, in a sentence.
    package var sentence: String {
        switch self {
        case .machineChanged:
            "The state folder was used on another machine, and the Hub has not accepted this one."
        case .storeReplaced, .storeLost:
            "The database is another one than the state folder was used with, and the Hub has not "
                + "accepted it."
        }
    }

    /// What to do about it, in a sentence.
    package var fix: String {
        switch self {
        case .machineChanged:
            "Where this machine takes the place of the other, keep the other off: the Hub accepts "
                + "this one by itself, within two minutes of reaching it. Where both run, this is a "
                + "copy: approve it as a new PC on the Hub's Agents page. Nothing is sent to devices "
                + "until then."
        case .storeReplaced, .storeLost:
            "Nothing, once the Hub is reached: a new epoch begins by itself. If nobody has replaced "
                + "agent.db, look at the disk."
        }
    }
}
