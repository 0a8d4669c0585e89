package import Shared

/// A program that reads here: what it may see, and the tokens that it was given.
package struct Program: Sendable {
    package let id: Identifier
    package let name: String
    package let permissions: Set<Permission>
    /// True where it sees every site, also those made later.
    package let isForEverySite: Bool
    /// The names of its sites; empty where it sees every one.
    package let siteNames: [String]
    package let madeAt: Instant
    /// Nil while it may read.
    package let end: End?
    /// The newest first.
    package let tokens: [Token]

    /// Why a program reads no more.
    package struct End: Sendable {
        package let at: Instant
        package let cause: Cause
        /// True where an administrator has said that they know.
        package let isSeen: Bool
    }
    package enum Cause: String, Sendable {
        /// A person ended it.
        case revoked
        /// A token was used after its successor had been: two hold what one should.
        case reused
    }

    /// One token, without its secret.
    package struct Token: Sendable {
        package let id: Identifier
        /// 1, 2, 3 … within the program.
        package let generation: Int
        package let madeAt: Instant
        /// Nil where a clinician has yet to let it in.
        package let approvedAt: Instant?
        package let expiresAt: Instant
        /// Until when it goes on beside its successor; nil where it has none.
        package let overlapUntil: Instant?
        package let lastUsedAt: Instant?
        package let lastNetwork: String?
    }

    /// The token that counts; a program has one at least.
    package var newest: Token? { tokens.first }

    /// True where it can see patients' data, so that a clinician has to let it in.
    static func needsApproval(_ permissions: Set<Permission>) -> Bool {
        !permissions.isDisjoint(with: Permission.clinical)
    }
}

/// Which program calls, and what it may see.
package struct ProgramCaller: Sendable {
    let program: Identifier
    let token: Identifier
    let name: String
    let permissions: Set<Permission>
    let expiresAt: Instant
    /// By name.
    let sites: [Site]

    /// The site that a query string names; the only one where it names none.
    ///
    /// Throws `notFound` for one that the program may not see, `siteNeeded` where there are several.
    func site(named parameter: String?) throws(PageError) -> Site {
        guard let parameter else {
            guard sites.count == 1, let only = sites.first else { throw .siteNeeded }
            return only
        }
        guard let site = sites.first(where: { $0.id.description == parameter }) else {
            throw .notFound
        }
        return site
    }
}

/// What is typed to let a program in, checked.
package struct ProgramDraft: Sendable {
    package let name: String
    package let permissions: Set<Permission>
    /// Nil for every site.
    package let sites: [Identifier]?
    package let days: Int

    /// For how many days a token may be good.
    package static let longestDays = 365
    package static let usualDays = 90

    /// Throws `ProgramError`.
    package init(
        name: String,
        permissions: Set<Permission>,
        sites: [Identifier]?,
        days: Int = usualDays
    ) throws(ProgramError) {
        let name = name.trimmed
        guard (1...100).contains(name.unicodeScalars.count),
            name.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
        else { throw .nameMalformed }
        guard !permissions.isEmpty, permissions.isSubset(of: Permission.forPrograms) else {
            throw .nothingAllowed
        }
        if let sites, sites.isEmpty { throw .siteUnknown }
        try Self.check(days: days)
        self.name = name
        self.permissions = permissions
        self.sites = sites
        self.days = days
    }

    /// Throws `ProgramError.lifetime`.
    static func check(days: Int) throws(ProgramError) {
        guard (1...longestDays).contains(days) else { throw .lifetime }
    }
}

/// Why a program could not be let in or changed.
package enum ProgramError: Error, CustomStringConvertible {
    case nameMalformed, nameTaken, nothingAllowed, siteUnknown, lifetime, unknown, hasEnded
    case tokenWaits, notYours

    package var description: String {
        switch self {
        case .nameMalformed: "a program’s name has 1 to 100 characters"
        case .nameTaken: "another program that may read has this name"
        case .nothingAllowed: "say what the program may read"
        case .siteUnknown: "say at which sites the program may read"
        case .lifetime: "a token is good for 1 to \(ProgramDraft.longestDays) days"
        case .unknown: "no program has this name or identifier"
        case .hasEnded: "this program was ended; make another"
        case .tokenWaits: "its newest token has yet to be let in by a clinician"
        case .notYours: "the program reads at sites that are not yours"
        }
    }
}

extension Permission {
    /// What a program can be allowed: to read what there are addresses for, and nothing else.
    package static let forPrograms: Set<Permission> = [.readReadings, .readPatients]

    /// What shows patients' data.
    static let clinical: Set<Permission> = [.readReadings, .readDocuments, .readPatients]
}
