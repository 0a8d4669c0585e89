/// The sex that the card states, in the letter of its language.
package enum CardSex: String, Hashable, Sendable {
    case female, male
    /// Another letter, or none: no error, and nothing to guess from.
    case unknown

    /// `M`; `F`, `V` or `W` in French, Dutch and German.
    package init(_ letter: String) {
        self =
            switch letter.uppercased() {
            case "M": .male
            case "F", "V", "W": .female
            default: .unknown
            }
    }
}
