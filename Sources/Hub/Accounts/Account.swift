package import Shared

/// Someone who may sign in.
package struct Account: Sendable, Hashable {
    package let id: Identifier
    package let email: String
    package let name: String
    package let role: Role
    /// True where the account sees every site, also those made later.
    package let isForEverySite: Bool
    package let isDisabled: Bool
}

/// Who is signed in, in one session, and what they may see.
package struct Person: Sendable {
    package let account: Account
    package let sessionID: Identifier
    /// What every form of the session carries.
    package let formToken: String
    /// The sites that the person may see, by name.
    package let sites: [Site]

    /// The site that a query string names, or the first one.
    ///
    /// Throws `notFound` for one that the person may not see, `noSite` where there is none.
    package func site(named parameter: String?) throws(PageError) -> Site {
        guard let parameter else {
            guard let first = sites.first else { throw .noSite }
            return first
        }
        guard let site = sites.first(where: { $0.id.description == parameter }) else {
            throw .notFound
        }
        return site
    }

    /// The query parameter that leads to `site`; nil where it is the only one.
    func siteParameter(_ site: Site) -> String? {
        sites.count > 1 ? site.id.description : nil
    }
}

/// What is typed to make an account, checked.
package struct NewAccount: Sendable {
    package let email: String
    package let name: String
    package let role: Role
    package let password: String

    /// The shortest and the longest password (OWASP ASVS 5.0, 6.2.1 and 6.2.9).
    package static let passwordLength = 12...256

    /// Throws `AccountError` with the field that is wrong.
    package init(
        email: String,
        name: String,
        role: Role,
        password: String
    ) throws(AccountError) {
        let email = email.trimmed
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        guard email.count <= 254, parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
            email.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 })
        else { throw .emailMalformed }
        let name = name.trimmed
        guard (1...200).contains(name.unicodeScalars.count) else { throw .nameMalformed }
        guard Self.passwordLength.contains(password.count) else { throw .passwordLength }
        guard !password.lowercased().contains(parts[0].lowercased()) || parts[0].count < 4
        else { throw .passwordNamesAccount }
        self.email = email
        self.name = name
        self.role = role
        self.password = password
    }
}

/// Why an account could not be made.
package enum AccountError: Error, CustomStringConvertible {
    case emailMalformed, nameMalformed, passwordLength, passwordNamesAccount, emailTaken

    package var description: String {
        switch self {
        case .emailMalformed: "an e-mail address has one @ with text on both sides, and no blanks"
        case .nameMalformed: "a name has 1 to 200 characters"
        case .passwordLength: "a password has 12 to 256 characters"
        case .passwordNamesAccount: "a password must not hold the name of the e-mail address"
        case .emailTaken: "an account with this e-mail address exists"
        }
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
