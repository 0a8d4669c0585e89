import Crypto
package import Shared

/// The codes of an authenticator app: RFC 6238 with HMAC-SHA1, 30 seconds and six digits.
package enum OneTimeCode {
    /// How long a code is shown.
    package static let stepSeconds: Int64 = 30
    /// How many digits a code has.
    static let digits = 6
    /// How many steps a phone's clock may be early or late.
    static let drift: Int64 = 1
    /// The length of a secret: that of the hash (RFC 4226, R6).
    package static let secretBytes = 20

    /// A new secret.
    package static func newSecret(random: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<secretBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// The step that `now` falls into.
    package static func step(at now: Instant) -> Int64 {
        let length = stepSeconds * 1000
        let (whole, rest) = now.milliseconds.quotientAndRemainder(dividingBy: length)
        return rest < 0 ? whole - 1 : whole
    }

    /// The code of one step (RFC 4226, 5.3).
    package static func code(
        secret: [UInt8],
        step: Int64,
        digits: Int = OneTimeCode.digits
    ) -> String {
        let counter = withUnsafeBytes(of: UInt64(bitPattern: step).bigEndian) { Array($0) }
        let hash = Array(
            HMAC<Insecure.SHA1>.authenticationCode(
                for: counter,
                using: SymmetricKey(data: secret)
            )
        )
        let offset = Int(hash[hash.count - 1] & 15)
        let number = hash[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let limit = (0..<digits).reduce(UInt32(1)) { product, _ in product * 10 }
        let text = String((number & 0x7FFF_FFFF) % limit)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// The digits of what somebody typed, blanks left out; nil where it is no code.
    static func digits(_ typed: String) -> String? {
        let text = typed.filter { !$0.isWhitespace && $0 != "-" }
        guard text.utf8.count == digits,
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return text
    }

    /// The step whose code was typed: near `now`, and later than the last that was accepted, so
    /// that no code counts twice; nil for any other text.
    static func step(
        of typed: String,
        secret: [UInt8],
        now: Instant,
        after last: Int64
    ) -> Int64? {
        guard let typed = digits(typed) else { return nil }
        let present = step(at: now)
        var found: Int64?
        // All are compared, so that the time taken does not tell which one it was.
        for step in (present - drift)...(present + drift) {
            let isSame = FormToken.equal(
                Array(code(secret: secret, step: step).utf8),
                Array(typed.utf8)
            )
            if isSame, step > last, found == nil { found = step }
        }
        return found
    }
}
