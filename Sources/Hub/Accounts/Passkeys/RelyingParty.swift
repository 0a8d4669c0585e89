import Crypto
import Foundation
import Shared

/// The address that passkeys are bound to: that of the Hub, from its configuration and never from
/// a request.
package struct RelyingParty: Sendable, Equatable {
    /// The host: `hub.clinic.example`.
    let id: String
    /// As a browser spells it: `https://hub.clinic.example:8443`.
    let origin: String
    /// Whether the authenticator has to check who holds it.
    var needsVerification = true

    /// Nil where browsers allow no passkeys: at a bare number, or without TLS anywhere but on this
    /// machine.
    package init?(origin: String?) {
        guard let origin = origin?.lowercased(), let url = URL(string: origin), let host = url.host,
            !host.contains(":"), host.contains(where: \.isLetter),
            url.scheme == "https" || url.scheme == "http" && host == "localhost"
        else { return nil }
        id = host
        self.origin = origin
    }

    /// Checks what `navigator.credentials.create` brought (WebAuthn, 7.1) and answers the new
    /// credential.
    ///
    /// No attestation was asked for, so none is judged: who makes the authenticator does not matter
    /// here.
    func register(
        clientData: [UInt8],
        attestation: [UInt8],
        challenge: [UInt8]
    ) throws(PasskeyError) -> AuthenticatorData {
        try check(clientData, ceremony: "webauthn.create", challenge: challenge)
        let object = try CBOR(attestation)
        guard case .text = object["fmt"], case .map = object["attStmt"],
            case .bytes(let bytes) = object["authData"]
        else { throw .malformed("the attestation lacks a part") }
        let data = try AuthenticatorData(bytes)
        try check(data)
        guard data.credential != nil else { throw .malformed("no credential") }
        return data
    }

    /// Checks what `navigator.credentials.get` brought (WebAuthn, 7.2) and answers the counter.
    func signIn(
        clientData: [UInt8],
        authenticatorData: [UInt8],
        signature: [UInt8],
        challenge: [UInt8],
        key: PasskeyKey,
        counter: UInt32
    ) throws(PasskeyError) -> UInt32 {
        try check(clientData, ceremony: "webauthn.get", challenge: challenge)
        let data = try AuthenticatorData(authenticatorData)
        try check(data)
        let message = authenticatorData + Array(SHA256.hash(data: clientData))
        guard key.isValid(signature, over: message) else { throw .signature }
        // Two zeros: an authenticator that does not count.
        guard data.counter > counter || data.counter == 0 && counter == 0 else { throw .counter }
        return data.counter
    }

    /// What the browser says of the page that asked.
    private struct ClientData: Decodable {
        let type: String
        let challenge: String
        let origin: String
        let crossOrigin: Bool?
    }

    private func check(
        _ clientData: [UInt8],
        ceremony: String,
        challenge: [UInt8]
    ) throws(PasskeyError) {
        guard clientData.count <= CBOR.Limits.bytes,
            let said = try? JSON.decode(ClientData.self, from: clientData)
        else { throw .malformed("the client data are no JSON") }
        guard said.type == ceremony else { throw .ceremony }
        guard let answered = Base64URL.decode(said.challenge),
            FormToken.equal(answered, challenge)
        else { throw .challenge }
        guard said.origin == origin, said.crossOrigin != true else { throw .origin }
    }

    private func check(_ data: AuthenticatorData) throws(PasskeyError) {
        guard data.relyingPartyHash == Array(SHA256.hash(data: Array(id.utf8))) else {
            throw .origin
        }
        guard data.isPresent, data.isVerified || !needsVerification else { throw .notVerified }
    }
}

/// Base 64 for addresses (RFC 4648, 5) without padding.
enum Base64URL {
    static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil for any other text.
    static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= CBOR.Limits.bytes * 2, !text.contains("+"), !text.contains("/"),
            !text.contains("=")
        else { return nil }
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: plain + padding).map(Array.init)
    }
}
