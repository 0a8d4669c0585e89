import Crypto
package import Shared

/// What a card says, and what is proved of it.
///
/// The proof is that the Register has signed it once: not that this chip is the original, nor that
/// the one who shows it is its holder. A person looks at the photo.
package struct CardReport: Sendable {
    package let outcome: CardOutcome
    package let warnings: [CardWarning]
    /// Nil where it cannot be read; to be believed only where `isIdentityProved`.
    package let identity: CardIdentity?
    /// True where the identity is what was signed under Belgium's root or a test root.
    package let isIdentityProved: Bool
    /// Nil before it is read, or where it cannot be.
    package let address: CardAddress?
    package let isAddressProved: Bool
    /// Nil before it is read, where the card has none, and where it is not the one that was signed.
    package let photo: CardPhoto?

    /// Looks at what has been read; parts that have not are not judged.
    ///
    /// `today` is the day in Belgium, `now` the instant.
    package init(_ contents: CardContents, roots: TrustedRoots, today: CalendarDate, now: Instant) {
        var warnings: [CardWarning] = []
        let identity: CardIdentity
        do throws(CardContentFailure) {
            guard let bytes = contents[.identity] else {
                throw .malformed(.identity, offset: 0)
            }
            identity = try CardIdentity(bytes)
        } catch {
            self.init(failure: error)
            return
        }
        if identity.birthDate.date == nil { warnings.append(.birthDateNotUnderstood) }
        if today > identity.validUntil { warnings.append(.expired) }
        if today < identity.validFrom { warnings.append(.notYetValid) }
        let isValidToday = identity.validFrom <= today && today <= identity.validUntil

        let chain = CardChain(contents, roots: roots)
        guard let kind = chain.kind, let root = chain.root else {
            self.init(.untrustedIssuer, warnings, identity)
            return
        }
        guard let register = chain.register, register.isIssued(by: root), !register.isAuthority
        else {
            self.init(.signatureInvalid([.rrnCertificate]), of: kind, warnings, identity)
            return
        }
        if now > register.notAfter { warnings.append(.rrnCertificateExpired) }
        let proof = CardProof(contents, identity: identity, key: register.key)
        if proof.invalid.contains(.address) { warnings.append(.addressNotVerified) }
        self.init(
            proof.invalid.isEmpty
                ? (isValidToday ? .genuine : .expired) : .signatureInvalid(proof.invalid),
            of: kind,
            warnings,
            identity,
            proof
        )
    }

    private init(failure: CardContentFailure) {
        self.init(.unreadable(.content(failure)), [], nil)
    }

    private init(
        _ outcome: CardOutcome,
        of kind: TrustedRoots.Kind = .belgium,
        _ warnings: [CardWarning],
        _ identity: CardIdentity?,
        _ proof: CardProof? = nil
    ) {
        self.outcome = kind == .test ? .testCard(outcome) : outcome
        self.warnings = warnings
        self.identity = identity
        isIdentityProved = proof.map { !$0.invalid.contains(.identity) } ?? false
        address = proof?.address
        isAddressProved = proof?.isAddressProved ?? false
        photo = proof?.photo
    }
}

/// The two certificates of the card.
private struct CardChain {
    let root: CardCertificate?
    /// What the root's key is to us; nil for a stranger's.
    let kind: TrustedRoots.Kind?
    let register: CardCertificate?

    init(_ contents: CardContents, roots: TrustedRoots) {
        root = contents[.rootCertificate].flatMap { CardCertificate(der: $0) }
        register = contents[.registerCertificate].flatMap { CardCertificate(der: $0) }
        kind = root.flatMap { roots.kind(of: $0) }
    }
}

/// The signatures and digests under the Register's key.
private struct CardProof {
    private(set) var invalid: [CardPart] = []
    private(set) var address: CardAddress?
    private(set) var isAddressProved = false
    private(set) var photo: CardPhoto?

    init(_ contents: CardContents, identity: CardIdentity, key: CardKey) {
        let signature = contents[.identitySignature] ?? SecretBytes([])
        let isSigned = contents[.identity].map { key.isValid(signature, over: [$0]) } ?? false
        if !isSigned { invalid.append(.identity) }
        if let bytes = contents[.address] {
            address = try? CardAddress(bytes)
            let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
            isAddressProved =
                address != nil
                && key.isValid(
                    contents[.addressSignature] ?? SecretBytes([]),
                    over: [SecretBytes(bytes.prefix(end)), signature]
                )
            if contents[.addressSignature] != nil, !isAddressProved { invalid.append(.address) }
        }
        if let bytes = contents[.photo] {
            photo = CardPhoto(bytes)
            let isTheOne = Self.digest(bytes, like: identity.photoDigest) == identity.photoDigest
            if !isTheOne {
                photo = nil
                invalid.append(.photo)
            }
        }
    }

    /// The digest that is as long as `other`; empty, and so unlike any, for another length.
    private static func digest(_ bytes: SecretBytes, like other: [UInt8]) -> [UInt8]? {
        switch other.count {
        case 20: Array(CardKey.digest(Insecure.SHA1.self, [bytes]))
        case 32: Array(CardKey.digest(SHA256.self, [bytes]))
        case 48: Array(CardKey.digest(SHA384.self, [bytes]))
        case 64: Array(CardKey.digest(SHA512.self, [bytes]))
        default: nil
        }
    }
}
