import Foundation
import Shared
import Testing

@testable import Hub

struct OneTimeCodeTests {
    private let secret = Array("12345678901234567890".utf8)

    /// RFC 4226, appendix D.
    @Test(arguments: [
        (0, "755224"), (1, "287082"), (2, "359152"), (3, "969429"), (4, "338314"),
        (5, "254676"), (6, "287922"), (7, "162583"), (8, "399871"), (9, "520489"),
    ])
    func `the counter's codes are those of the standard`(counter: Int64, code: String) {
        #expect(OneTimeCode.code(secret: secret, step: counter) == code)
    }

    /// RFC 6238, appendix B, the rows of SHA-1.
    @Test(arguments: [
        (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"), (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
    ])
    func `the codes of time are those of the standard`(seconds: Int64, code: String) {
        let step = OneTimeCode.step(at: Instant(milliseconds: seconds * 1000))
        #expect(OneTimeCode.code(secret: secret, step: step, digits: 8) == code)
    }

    @Test func `a code counts a step early and late, and no further`() {
        let now = Instant(milliseconds: 1_800_000_000_000)
        let present = OneTimeCode.step(at: now)
        for drift in Int64(-3)...3 {
            let code = OneTimeCode.code(secret: secret, step: present + drift)
            let found = OneTimeCode.step(of: code, secret: secret, now: now, after: 0)
            #expect(found == (abs(drift) <= 1 ? present + drift : nil))
        }
    }

    @Test func `a code counts once, and none from before it counts after it`() {
        let now = Instant(milliseconds: 1_800_000_000_000)
        let present = OneTimeCode.step(at: now)
        let code = OneTimeCode.code(secret: secret, step: present)
        let earlier = OneTimeCode.code(secret: secret, step: present - 1)
        #expect(OneTimeCode.step(of: code, secret: secret, now: now, after: present) == nil)
        #expect(OneTimeCode.step(of: earlier, secret: secret, now: now, after: present) == nil)
        #expect(OneTimeCode.step(of: code, secret: secret, now: now, after: present - 1) == present)
    }

    @Test(arguments: ["", "12345", "1234567", "12345a", "１２３４５６", "-12345", "+12345"])
    func `other text is no code`(typed: String) {
        #expect(OneTimeCode.digits(typed) == nil)
    }

    @Test func `a code may be typed with a blank in the middle`() {
        #expect(OneTimeCode.digits(" 755 224 ") == "755224")
    }

    @Test func `base 32 is the standard's, both ways`() throws {
        // RFC 4648, 10.
        let pairs = [
            "": "", "f": "MY", "fo": "MZXQ", "foo": "MZXW6", "foob": "MZXW6YQ",
            "fooba": "MZXW6YTB", "foobar": "MZXW6YTBOI",
        ]
        for (plain, text) in pairs {
            #expect(Base32.encode(Array(plain.utf8)) == text)
            #expect(Base32.decode(text) == Array(plain.utf8))
        }
        #expect(Base32.decode("mzxw 6ytb\noi") == Array("foobar".utf8))
        for text in ["MZXW6YTB1", "M", "MZ=", "MZ"] { #expect(Base32.decode(text) == nil) }
    }

    @Test func `a second program computes the same codes`() throws {
        let path = "/usr/bin/oathtool"
        guard FileManager.default.isExecutableFile(atPath: path) else { return }
        for seconds in [Int64(59), 1_800_000_000, 1_800_000_030] {
            let process = Process()
            let pipe = Pipe()
            process.executableURL = URL(filePath: path)
            process.arguments = [
                "--totp", "--base32", "--now", "@\(seconds)", Base32.encode(secret),
            ]
            process.standardOutput = pipe
            try process.run()
            let output = try #require(try pipe.fileHandleForReading.readToEnd())
            process.waitUntilExit()
            let step = OneTimeCode.step(at: Instant(milliseconds: seconds * 1000))
            #expect(
                String(decoding: output, as: UTF8.self).trimmed
                    == OneTimeCode.code(secret: secret, step: step)
            )
        }
    }
}

struct CodeTextTests {
    @Test func `a recovery code may be typed in any way, and no other text is one`() throws {
        var random = SystemRandomNumberGenerator()
        let code = RecoveryCode(random: &random)
        #expect(code.text.count == 29)
        #expect(RecoveryCode(code.text.lowercased().replacing("-", with: " ")) == code)
        for text in ["", "755224", String(code.text.dropLast()), code.text + "0", "U" + code.text] {
            #expect(RecoveryCode(text) == nil)
        }
    }

    @Test func `a code for a password tells a typing error`() throws {
        var random = SystemRandomNumberGenerator()
        let code = AccountCode(random: &random)
        #expect(AccountCode(" " + code.text.lowercased() + "\n") == code)
        let letters = Array(code.text)
        var wrong = 0
        for index in 4..<letters.count where letters[index] != "-" {
            var changed = letters
            changed[index] = letters[index] == "7" ? "8" : "7"
            if AccountCode(String(changed)) == nil { wrong += 1 }
        }
        // Each single change is seen with all but one chance in 65536.
        #expect(wrong == letters[4...].filter { $0 != "-" }.count)
        #expect(AccountCode("CU1-" + String(repeating: "0", count: 29)) == nil)
        #expect(AccountCode("") == nil)
    }
}
