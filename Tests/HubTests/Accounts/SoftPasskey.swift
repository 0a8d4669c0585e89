import Crypto
import Foundation

@testable import Hub

/// An authenticator in the test's hand: one key, and every flag as the test wants it.
struct SoftPasskey {
    var key = P256.Signing.PrivateKey()
    var id = [UInt8](repeating: 0xA7, count: 16)
    var host = "hub.clinic.example"
    var origin = "https://hub.clinic.example"
    /// User present and verified.
    var flags: UInt8 = 0x05
    var counter: UInt32 = 0

    func clientData(_ type: String, _ challenge: [UInt8], extra: String = "") -> [UInt8] {
        let text = """
            {"type":"\(type)","challenge":"\(Base64URL.encode(challenge))",\
            "origin":"\(origin)"\(extra)}
            """
        return Array(text.utf8)
    }

    func authenticatorData(flags: UInt8? = nil, rest: [UInt8] = []) -> [UInt8] {
        Array(SHA256.hash(data: Array(host.utf8))) + [flags ?? self.flags]
            + withUnsafeBytes(of: counter.bigEndian) { Array($0) } + rest
    }

    /// The public key as COSE has it.
    var cose: [UInt8] {
        let point = Array(key.publicKey.rawRepresentation)
        return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20] + point[..<32]
            + [0x22, 0x58, 0x20] + point[32...]
    }

    /// What `create` hands over, attestation `none`.
    var attestation: [UInt8] {
        let credential =
            [UInt8](repeating: 0, count: 16) + [UInt8(id.count >> 8), UInt8(id.count & 255)] + id
            + cose
        let data = authenticatorData(flags: flags | 0x40, rest: credential)
        return [0xA3, 0x63] + Array("fmt".utf8) + [0x64] + Array("none".utf8) + [0x67]
            + Array("attStmt".utf8) + [0xA0, 0x68] + Array("authData".utf8)
            + [0x59, UInt8(data.count >> 8), UInt8(data.count & 255)] + data
    }

    /// The form of a new passkey.
    func registration(_ challenge: [UInt8]) -> [String: String] {
        [
            "clientData": Base64URL.encode(clientData("webauthn.create", challenge)),
            "attestation": Base64URL.encode(attestation),
        ]
    }

    /// The form that signs in.
    func assertion(_ challenge: [UInt8]) throws -> [String: String] {
        let client = clientData("webauthn.get", challenge)
        let data = authenticatorData()
        let signature = try key.signature(for: data + Array(SHA256.hash(data: client)))
        return [
            "credential": Base64URL.encode(id),
            "clientData": Base64URL.encode(client),
            "authenticatorData": Base64URL.encode(data),
            "signature": Base64URL.encode(Array(signature.derRepresentation)),
        ]
    }
}
