import Shared

/// A secret as an authenticator app takes it over.
struct AuthenticatorApp: Sendable {
    let secret: [UInt8]
    /// The address of the account that the app shows.
    let email: String

    /// What the app calls the Hub.
    static let issuer = "Clinic Gateway"

    /// The secret in groups of four letters, to be typed.
    var text: String {
        let letters = Base32.encode(secret)
        return stride(from: 0, to: letters.count, by: 4)
            .map { String(letters.dropFirst($0).prefix(4)) }
            .joined(separator: " ")
    }

    /// What the QR code holds: the key URI format that every such app reads.
    var address: String {
        let issuer = Address.encode(Self.issuer)
        // The longest address that fits a code that a phone reads from a screen.
        let name = Address.encode(String(email.prefix(80)))
        return "otpauth://totp/\(issuer):\(name)?secret=\(Base32.encode(secret))"
            + "&issuer=\(issuer)&algorithm=SHA1&digits=\(OneTimeCode.digits)"
            + "&period=\(OneTimeCode.stepSeconds)"
    }
}
