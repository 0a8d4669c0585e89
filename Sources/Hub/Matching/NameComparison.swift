import Shared

/// How a name that was written somewhere compares with a patient's recorded one.
enum NameComparison: Sendable, Equatable {
    /// The same person's name, whole: case, accents, hyphens, blanks, order and later given names
    /// aside.
    case equal
    /// Too little was written to say: nothing, one part only, or an initial.
    case incomplete
    /// Another name.
    case different

    init(written: PersonName, recorded: PersonName) {
        let family = FoldedName.keys(written.family)
        let given = FoldedName.keys(written.given)
        let ownFamily = FoldedName.keys(recorded.family)
        let ownGiven = Self.givenKeys(recorded.given)
        switch (family.isEmpty, given.isEmpty) {
        case (true, true): self = .incomplete
        case (false, false):
            if ownGiven.isEmpty {
                // A person without given names, whose one name a device has cut in two.
                self = Self.joined(family, given).isDisjoint(with: ownFamily) ? .different : .equal
            } else if Self.agree(family, ownFamily) && Self.agree(given, ownGiven)
                || Self.agree(family, ownGiven) && Self.agree(given, ownFamily)
            {
                self = .equal
            } else {
                self = Self.isInitial(family, given, ownFamily, ownGiven) ? .incomplete : .different
            }
        default:
            let only = family.union(given)
            let whole =
                ownGiven.isEmpty
                ? ownFamily
                : Self.joined(ownFamily, ownGiven).union(Self.joined(ownGiven, ownFamily))
            if Self.agree(only, whole) {
                self = .equal
            } else {
                let parts = ownFamily.union(ownGiven)
                self = Self.agree(only, parts) ? .incomplete : .different
            }
        }
    }

    /// The first given name, the first two, and so on: devices are seldom given them all.
    private static func givenKeys(_ given: String) -> Set<String> {
        let names = given.split(separator: " ")
        return names.indices.reduce(into: []) { keys, last in
            keys.formUnion(FoldedName.keys(names[...last].joined(separator: " ")))
        }
    }

    private static func agree(_ one: Set<String>, _ two: Set<String>) -> Bool {
        !one.isDisjoint(with: two)
    }

    private static func joined(_ one: Set<String>, _ two: Set<String>) -> Set<String> {
        Set(one.flatMap { first in two.map { first + $0 } })
    }

    /// `Testcase, A.` for `Testcase, Amina`.
    private static func isInitial(
        _ family: Set<String>,
        _ given: Set<String>,
        _ ownFamily: Set<String>,
        _ ownGiven: Set<String>
    ) -> Bool {
        func begins(_ short: Set<String>, _ long: Set<String>) -> Bool {
            short.contains { initial in
                initial.count == 1 && long.contains { $0.hasPrefix(initial) }
            }
        }
        return agree(family, ownFamily) && begins(given, ownGiven)
            || agree(given, ownGiven) && begins(family, ownFamily)
    }
}
