import Crypto
import Foundation
import Shared
import Testing

@testable import Hub

/// Web Authentication Level 3, 16.2: "ES256 Credential with No Attestation".
private enum Published {
    static let registrationChallenge = bytes(
        "00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130"
    )
    static let registrationClientData = bytes(
        """
        7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22414d4d5074\
        34557878475453746e63647134313759447742466938767049612d7077386f4f755657345441222c226f7269\
        67696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c\
        73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e64\
        65642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c20737563\
        6820617320746869733a20426b5165446a646354427258426941774a544c453551227d
        """
    )
    static let attestation = bytes(
        """
        a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461\
        c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f39\
        1db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97\
        ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf\
        879717c12cc68ed73290af2e2664796b9220
        """
    )
    static let credential = bytes(
        "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4"
    )
    static let challenge = bytes(
        "39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408"
    )
    static let clientData = bytes(
        """
        7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158\
        756c5455506f334a5558543049393770767a7a59425039745a63685879617630314167222c226f726967696e\
        223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d
        """
    )
    static let authenticatorData = bytes(
        "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000"
    )
    static let signature = bytes(
        """
        3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f\
        0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87
        """
    )

    private static func bytes(_ text: String) -> [UInt8] { Hexadecimal.decode(text) ?? [] }
}

struct PasskeyTests {
    private let challenge = [UInt8](repeating: 0x42, count: 32)

    private func party() throws -> RelyingParty {
        try #require(RelyingParty(origin: "https://hub.clinic.example"))
    }

    private func register(_ key: SoftPasskey) throws -> AuthenticatorData {
        try party().register(
            clientData: key.clientData("webauthn.create", challenge),
            attestation: key.attestation,
            challenge: challenge
        )
    }

    @Test func `the specification's example registers and signs in`() throws {
        var party = try #require(RelyingParty(origin: "https://example.org"))
        // The example's authenticator did not check who held it.
        party.needsVerification = false
        let data = try party.register(
            clientData: Published.registrationClientData,
            attestation: Published.attestation,
            challenge: Published.registrationChallenge
        )
        let credential = try #require(data.credential)
        #expect(credential.id == Published.credential)
        let counter = try party.signIn(
            clientData: Published.clientData,
            authenticatorData: Published.authenticatorData,
            signature: Published.signature,
            challenge: Published.challenge,
            key: credential.key,
            counter: 0
        )
        #expect(counter == 0)
        party.needsVerification = true
        #expect(throws: PasskeyError.notVerified) {
            try party.register(
                clientData: Published.registrationClientData,
                attestation: Published.attestation,
                challenge: Published.registrationChallenge
            )
        }
    }

    @Test func `each bit of the example's signature and data counts`() throws {
        var party = try #require(RelyingParty(origin: "https://example.org"))
        party.needsVerification = false
        let key = try PasskeyKey(
            cose: try CBOR.head(of: Array(Published.attestation.suffix(77))).value
        )
        func isAccepted(_ signature: [UInt8], _ client: [UInt8]) -> Bool {
            (try? party.signIn(
                clientData: client,
                authenticatorData: Published.authenticatorData,
                signature: signature,
                challenge: Published.challenge,
                key: key,
                counter: 0
            )) != nil
        }
        #expect(isAccepted(Published.signature, Published.clientData))
        for index in Published.signature.indices {
            var changed = Published.signature
            changed[index] ^= 1
            #expect(!isAccepted(changed, Published.clientData))
        }
        #expect(!isAccepted(Published.signature, Published.clientData + [0x20]))
        #expect(!isAccepted([], Published.clientData))
    }

    @Test func `a passkey of another address, ceremony or challenge is refused`() throws {
        var key = SoftPasskey()
        #expect(try register(key).credential?.id == key.id)
        let party = try party()
        func refusal(
            _ key: SoftPasskey,
            type: String = "webauthn.create",
            extra: String = ""
        )
            -> PasskeyError?
        {
            do throws(PasskeyError) {
                _ = try party.register(
                    clientData: key.clientData(type, challenge, extra: extra),
                    attestation: key.attestation,
                    challenge: challenge
                )
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal(key, type: "webauthn.get") == .ceremony)
        #expect(refusal(key, extra: ",\"crossOrigin\":true") == .origin)
        key.origin = "https://hub.clinic.example.evil.example"
        #expect(refusal(key) == .origin)
        key = SoftPasskey()
        key.host = "clinic.example"
        #expect(refusal(key) == .origin)
        key = SoftPasskey()
        key.flags = 0x01
        #expect(refusal(key) == .notVerified)
        key.flags = 0x04
        #expect(refusal(key) == .notVerified)
        #expect(throws: PasskeyError.challenge) {
            try party.register(
                clientData: SoftPasskey().clientData("webauthn.create", [1, 2, 3]),
                attestation: SoftPasskey().attestation,
                challenge: challenge
            )
        }
    }

    @Test func `an authenticator that counts lower than before is refused`() throws {
        var key = SoftPasskey()
        let stored = try #require(try register(key).credential).key
        let party = try party()
        func counter(_ shown: UInt32, after known: UInt32) throws -> UInt32 {
            key.counter = shown
            let form = try key.assertion(challenge)
            func bytes(_ name: String) -> [UInt8] { Base64URL.decode(form[name] ?? "") ?? [] }
            return try party.signIn(
                clientData: bytes("clientData"),
                authenticatorData: bytes("authenticatorData"),
                signature: bytes("signature"),
                challenge: challenge,
                key: stored,
                counter: known
            )
        }
        #expect(try counter(0, after: 0) == 0)
        #expect(try counter(7, after: 0) == 7)
        for (shown, known) in [(UInt32(7), UInt32(7)), (6, 7), (0, 7)] {
            #expect(throws: PasskeyError.counter) { try counter(shown, after: known) }
        }
    }

    @Test func `an attestation cut anywhere, or with a byte too many, is refused`() throws {
        let whole = SoftPasskey().attestation
        for length in whole.indices {
            #expect(throws: PasskeyError.self) {
                try AuthenticatorDataReading.read(Array(whole.prefix(length)))
            }
        }
        #expect(throws: PasskeyError.self) { try AuthenticatorDataReading.read(whole + [0]) }
    }

    @Test func `no change of a byte makes the reader fail otherwise than it should`() throws {
        let whole = SoftPasskey().attestation
        for index in whole.indices {
            for value in [UInt8(0x00), 0x1F, 0x5B, 0x7F, 0x9B, 0xBB, 0xFF] {
                var changed = whole
                changed[index] = value
                _ = try? AuthenticatorDataReading.read(changed)
            }
        }
    }

    @Test(arguments: [
        "", "5f4100ff", "9f01ff", "bf6161 01ff", "1bffffffffffffffff", "5bffffffffffffffff00",
        "9bffffffffffffffff", "bbffffffffffffffff", "c001", "f97e00", "fb3ff0000000000000",
        "818181818181818101", "a2016161016162", "a1414101", "62c328", "1c", "f8ff", "a101",
    ])
    func `what the binary form does not allow is refused`(hexadecimal: String) throws {
        let bytes = try #require(Hexadecimal.decode(hexadecimal.replacing(" ", with: "")))
        #expect(throws: PasskeyError.self) { try CBOR(bytes) }
    }

    /// RFC 8949, appendix A.
    @Test func `values are read as the standard writes them`() throws {
        func read(_ text: String) throws -> CBOR { try CBOR(Hexadecimal.decode(text) ?? []) }
        #expect(try read("00") == .integer(0))
        #expect(try read("1903e8") == .integer(1000))
        #expect(try read("3903e7") == .integer(-1000))
        #expect(try read("4401020304") == .bytes([1, 2, 3, 4]))
        #expect(try read("62c3bc") == .text("\u{FC}"))
        #expect(try read("83010203") == .array([.integer(1), .integer(2), .integer(3)]))
        #expect(try read("a26161016162820203")["b"] == .array([.integer(2), .integer(3)]))
        #expect(try read("f5") == .flag(true))
        #expect(try read("f6") == .null)
    }

    @Test func `only a name with TLS, or this machine, allows passkeys`() {
        #expect(RelyingParty(origin: "https://hub.clinic.example:8443")?.id == "hub.clinic.example")
        #expect(RelyingParty(origin: "http://localhost:8080")?.id == "localhost")
        for origin in [
            nil, "http://hub.clinic.example", "https://192.0.2.1", "https://[2001:db8::1]:8443",
            "http://127.0.0.1:8080", "", "nonsense",
        ] {
            #expect(RelyingParty(origin: origin) == nil)
        }
    }

    @Test func `keys of another kind or off the curve are refused`() throws {
        let cose = SoftPasskey().cose
        func refusal(_ change: (inout [UInt8]) -> Void) -> PasskeyError? {
            var changed = cose
            change(&changed)
            do throws(PasskeyError) {
                _ = try PasskeyKey(cose: try CBOR(changed))
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0[2] = 0x03 } == .algorithm)
        #expect(refusal { $0[4] = 0x27 } == .algorithm)
        #expect(refusal { $0[6] = 0x02 } == .algorithm)
        #expect(refusal { $0[12] ^= 0x55 } == .malformed("no point of P-256"))
    }
}

/// What registering reads of an attestation, without its checks.
private enum AuthenticatorDataReading {
    static func read(_ attestation: [UInt8]) throws -> AuthenticatorData {
        guard case .bytes(let data) = try CBOR(attestation)["authData"] else {
            throw PasskeyError.malformed("no authData")
        }
        return try AuthenticatorData(data)
    }
}
