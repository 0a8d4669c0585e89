/// What is typed to make an account, checked.
package struct NewAccount: Sendable {
    package let email: String
    package let name: String
    package let role: Role
    /// Nil where the person chooses it, with a code.
    package let password: String?
    /// The number of a prescriber; nil for others.
    package let nihdi: String?

    /// Throws `AccountError` with what is wrong.
    package init(
        email: String,
        name: String,
        role: Role,
        password: String?,
        nihdi: String? = nil
    ) throws(AccountError) {
        let email = email.trimmed
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        guard email.count <= 254, parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
            email.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 })
        else { throw .emailMalformed }
        let name = name.trimmed
        guard (1...200).contains(name.unicodeScalars.count),
            name.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
        else { throw .nameMalformed }
        self.nihdi = try Self.nihdi(nihdi)
        if let password {
            try PasswordRules.check(password, email: email, name: name)
        }
        self.email = email
        self.name = name
        self.role = role
        self.password = password
    }

    /// Eleven digits, whatever stands between them; nil for nothing.
    ///
    /// Its check digits go by the profession, in ways that are not published: they are not judged.
    private static func nihdi(_ text: String?) throws(AccountError) -> String? {
        let digits = (text ?? "").filter { !$0.isWhitespace && !"-./".contains($0) }
        guard !digits.isEmpty else { return nil }
        guard digits.utf8.count == 11,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw .nihdiMalformed }
        return digits
    }
}

/// Why an account could not be made or changed.
package enum AccountError: Error, CustomStringConvertible {
    case emailMalformed, nameMalformed, passwordLength, passwordNamesAccount, emailTaken
    case passwordCommon, nihdiMalformed, siteUnknown, unknown, isDisabled, codeInvalid

    package var description: String {
        switch self {
        case .emailMalformed: "an e-mail address has one @ with text on both sides, and no blanks"
        case .nameMalformed: "a name has 1 to 200 characters"
        case .passwordLength:
            "a password has \(PasswordRules.length.lowerBound) to "
                + "\(PasswordRules.length.upperBound) characters"
        case .passwordNamesAccount:
            "a password must not be made of the person’s own name or address"
        case .emailTaken: "an account with this e-mail address exists"
        case .passwordCommon:
            "this password is among the first that a guesser tries: take a few words that do not "
                + "belong together"
        case .nihdiMalformed: "an NIHDI number has 11 digits"
        case .siteUnknown: "no site has this name"
        case .unknown: "no account has this e-mail address"
        case .isDisabled: "this account is disabled"
        case .codeInvalid: "this code is not valid, or it was used, or it has expired"
        }
    }
}
