import Crypto
import CryptoExtras
import Foundation

/// A root and a register of our own making: nothing of it can be taken for Belgium's.
package struct TestAuthority: Sendable {
    package let root: TestKey
    package let register: TestKey
    /// In DER, without padding.
    package let rootCertificate: [UInt8]
    package let registerCertificate: [UInt8]
    /// What the configuration would name.
    package let rootPEM: String

    /// `registerIsAuthority` makes a certificate that signs certificates, and so no card.
    package init(
        root: TestKey,
        register: TestKey,
        signedBy signer: TestKey? = nil,
        registerIsAuthority: Bool = false,
        registerUntil end: String = "20400101000000Z"
    ) throws {
        let rootName = DERText.name("Test", "TEST Belgium Root CA (fictional)")
        self.root = root
        self.register = register
        rootCertificate = try root.certificate(
            for: root,
            name: rootName,
            issuer: rootName,
            isAuthority: true,
            until: "20400101000000Z"
        )
        registerCertificate = try (signer ?? root).certificate(
            for: register,
            name: DERText.name("RRN", "RRN"),
            issuer: rootName,
            isAuthority: registerIsAuthority,
            until: end
        )
        let lines = Data(rootCertificate).base64EncodedString(options: [
            .lineLength64Characters, .endLineWithLineFeed,
        ])
        rootPEM = "-----BEGIN CERTIFICATE-----\n\(lines)\n-----END CERTIFICATE-----\n"
    }

    /// The keys of the applets, made once: RSA takes its time.
    package enum Keys {
        package static let root384 = TestKey.p384(.init())
        package static let register384 = TestKey.p384(.init())
        package static let stranger384 = TestKey.p384(.init())
        package static let root2048 = Result { TestKey.sha256(try .init(keySize: .bits2048)) }
        package static let register2048 = Result { TestKey.sha256(try .init(keySize: .bits2048)) }
        package static let register1024 = Result {
            TestKey.sha1(try .init(unsafeKeySize: .init(bitCount: 1024)))
        }
    }

    /// The keys that cards of `applet` are signed with.
    package static func keys(of applet: TestApplet.Version) throws -> (TestKey, TestKey) {
        switch applet {
        case .applet18: (Keys.root384, Keys.register384)
        case .applet17: (try Keys.root2048.get(), try Keys.register2048.get())
        case .applet10, .applet11: (try Keys.root2048.get(), try Keys.register1024.get())
        }
    }
}
