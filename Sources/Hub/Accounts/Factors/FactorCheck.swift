import Hummingbird
import Logging
import Shared

/// Judges what somebody shows as their second factor: a code of their app, a recovery code, or the
/// answer of a passkey.
struct FactorCheck: Sendable {
    let apps: AppFactorStore
    let recovery: RecoveryCodeStore
    let passkeys: PasskeyStore
    let attempts: SignInAttempts
    let trail: AuditTrail
    /// Nil where the Hub's address allows no passkeys.
    let relyingParty: RelyingParty?

    /// What was shown was worth.
    enum Outcome: Sendable, Equatable {
        case right
        case wrong(String)
        case wait(Duration)
    }

    /// What an account has to show.
    struct Factors: Sendable {
        let appSince: Instant?
        let passkeys: [PasskeyRecord]
        let recoveryLeft: Int

        var isEmpty: Bool { appSince == nil && passkeys.isEmpty }
    }

    /// What the account has set up.
    func factors(of account: Identifier) async throws -> Factors {
        Factors(
            appSince: try await apps.confirmedAt(account),
            passkeys: try await passkeys.all(account),
            recoveryLeft: try await recovery.left(account)
        )
    }

    /// Judges a form, and records what it was.
    ///
    /// Failures are counted for the account alone, whatever the network: whoever comes here knows
    /// the password, so nobody else can make the person wait.
    func judge(
        _ form: Fields,
        account: Identifier,
        session: Identifier,
        _ request: Request,
        _ context: HubContext
    ) async throws -> Outcome {
        let source = SignInAttempts.Source(email: "factor \(account)", network: "factor \(account)")
        if let wait = try await attempts.begin(source) {
            try await trail.record(
                "factor",
                .denied,
                account: account,
                session: session,
                request,
                context
            )
            return .wait(wait)
        }
        let kind: String?
        do {
            kind = try await accepted(form, account, session)
        } catch let error as PasskeyError {
            context.logger.notice(
                "passkey refused",
                metadata: ["code": "\(error.code)", "account": "\(account)"]
            )
            try await trail.record(
                error == .counter ? "passkeyCopied" : "factor",
                .failed,
                account: account,
                session: session,
                request,
                context
            )
            return .wrong(Self.sentence(error))
        }
        guard let kind else {
            context.logger.notice("second factor refused", metadata: ["account": "\(account)"])
            try await trail.record(
                "factor",
                .failed,
                account: account,
                session: session,
                request,
                context
            )
            return .wrong(Self.mismatch)
        }
        try await attempts.succeed(source)
        if kind == "recoveryCode" {
            try await trail.record(
                kind,
                .allowed,
                account: account,
                session: session,
                request,
                context
            )
        }
        return .right
    }

    /// The kind of factor that was shown rightly; nil for a wrong code.
    private func accepted(
        _ form: Fields,
        _ account: Identifier,
        _ session: Identifier
    ) async throws -> String? {
        if form["credential"] != nil {
            try await checkPasskey(form, account, session)
            return "passkey"
        }
        guard let typed = form["code"] else { return nil }
        if let code = RecoveryCode(typed) {
            return try await recovery.accepts(account, code) ? "recoveryCode" : nil
        }
        return try await apps.accepts(account, code: typed) ? "app" : nil
    }

    private func checkPasskey(
        _ form: Fields,
        _ account: Identifier,
        _ session: Identifier
    ) async throws {
        let challenge = try await passkeys.takeChallenge(session)
        guard let relyingParty else { throw PasskeyError.origin }
        func bytes(_ name: String) throws(PasskeyError) -> [UInt8] {
            guard let bytes = Base64URL.decode(form[name] ?? ""), !bytes.isEmpty else {
                throw .malformed("\(name) is missing")
            }
            return bytes
        }
        let credential = try bytes("credential")
        let stored = try await passkeys.key(credential, of: account)
        let counter = try relyingParty.signIn(
            clientData: try bytes("clientData"),
            authenticatorData: try bytes("authenticatorData"),
            signature: try bytes("signature"),
            challenge: challenge,
            key: stored.key,
            counter: stored.counter
        )
        guard try await passkeys.used(credential, counter: counter, after: stored.counter) else {
            throw PasskeyError.counter
        }
    }

    static let mismatch =
        "That code does not count. A code counts once: wait for the app to show the next one. "
        + "If it is refused as well, check that the phone’s clock is right."

    /// What the person is told; the log has the word.
    static func sentence(_ error: PasskeyError) -> String {
        switch error {
        case .challenge: "That took too long. Try the passkey again."
        case .notVerified:
            "The passkey did not check who you are. Set a PIN or a fingerprint for it first."
        case .counter:
            "This passkey may have been copied, so it is not accepted. Use another way, and tell "
                + "whoever manages accounts."
        default: "That passkey was not accepted. Try again, or use another way."
        }
    }
}
