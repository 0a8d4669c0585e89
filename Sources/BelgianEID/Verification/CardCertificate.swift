import Crypto
import Shared
import SwiftASN1

/// A certificate of the card, as far as a card's proof needs it.
///
/// It is not read with swift-certificates, which refuses the RSA-1024 keys of older cards.
struct CardCertificate: Sendable {
    /// What the issuer has signed.
    let signed: SecretBytes
    let issuer: ArraySlice<UInt8>, subject: ArraySlice<UInt8>
    let notBefore: Instant, notAfter: Instant
    let key: CardKey
    /// SHA-256 over the SubjectPublicKeyInfo: what roots are pinned by.
    let keyDigest: Digest256
    let algorithm: ASN1ObjectIdentifier
    let signature: ArraySlice<UInt8>
    /// True for an authority's certificate, which signs certificates and nothing else.
    let isAuthority: Bool

    /// Reads DER; nil where it is no certificate, or has a key of another kind.
    init?(der: some Collection<UInt8>) {
        guard der.count <= Self.maximumBytes, let node = try? DER.parse(Array(der)),
            let parts = try? Self.parts(of: node)
        else { return nil }
        self = parts
    }

    /// Cards' certificates have about 1.5 kB.
    private static let maximumBytes = 8192

    /// Whether `issuer` has signed this certificate.
    func isIssued(by issuer: CardCertificate) -> Bool {
        self.issuer == issuer.subject
            && issuer.key.isValid(signature, over: [signed], algorithm: algorithm)
    }

    private static func parts(of node: ASN1Node) throws -> CardCertificate {
        try DER.sequence(node, identifier: .sequence) { nodes in
            guard let body = nodes.next(), let algorithmNode = nodes.next(),
                let signatureNode = nodes.next()
            else { throw CardCertificateFailure() }
            let algorithm = try algorithm(algorithmNode)
            let signature = try ASN1BitString(derEncoded: signatureNode)
            return try DER.sequence(body, identifier: .sequence) { fields in
                try CardCertificate(
                    body: body.encodedBytes,
                    fields: &fields,
                    algorithm: algorithm,
                    signature: signature.bytes
                )
            }
        }
    }

    private init(
        body: ArraySlice<UInt8>,
        fields: inout ASN1NodeCollection.Iterator,
        algorithm: ASN1ObjectIdentifier,
        signature: ArraySlice<UInt8>
    ) throws {
        // [0] version, serial number, algorithm, issuer, validity, subject, key, then extensions.
        guard let version = fields.next(), version.identifier == Self.tag(0),
            fields.next() != nil, let inner = fields.next(), let issuer = fields.next(),
            let validity = fields.next(), let subject = fields.next(), let keyNode = fields.next(),
            try Self.algorithm(inner) == algorithm,
            let key = CardKey(subjectPublicKeyInfo: keyNode.encodedBytes)
        else { throw CardCertificateFailure() }
        var isAuthority = false
        while let field = fields.next() {
            if field.identifier == Self.tag(3) { isAuthority = try Self.isAuthority(field) }
        }
        (notBefore, notAfter) = try DER.sequence(validity, identifier: .sequence) { times in
            guard let start = times.next(), let end = times.next() else {
                throw CardCertificateFailure()
            }
            return (try Self.instant(start), try Self.instant(end))
        }
        signed = SecretBytes(body)
        self.issuer = issuer.encodedBytes
        self.subject = subject.encodedBytes
        self.key = key
        keyDigest = Digest256(of: keyNode.encodedBytes)
        self.algorithm = algorithm
        self.signature = signature
        self.isAuthority = isAuthority
    }

    private static func tag(_ number: UInt) -> ASN1Identifier {
        ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
    }

    private static func algorithm(_ node: ASN1Node) throws -> ASN1ObjectIdentifier {
        try DER.sequence(node, identifier: .sequence) { nodes in
            let algorithm = try ASN1ObjectIdentifier(derEncoded: &nodes)
            while nodes.next() != nil {}
            return algorithm
        }
    }

    private static func instant(_ node: ASN1Node) throws -> Instant {
        let text: String
        if node.identifier == .utcTime {
            let time = try UTCTime(derEncoded: node)
            text = Self.text(
                time.year,
                time.month,
                time.day,
                time.hours,
                time.minutes,
                time.seconds
            )
        } else {
            let time = try GeneralizedTime(derEncoded: node)
            text = Self.text(
                time.year,
                time.month,
                time.day,
                time.hours,
                time.minutes,
                time.seconds
            )
        }
        guard let instant = Instant(text) else { throw CardCertificateFailure() }
        return instant
    }

    private static func text(
        _ year: Int,
        _ month: Int,
        _ day: Int,
        _ hours: Int,
        _ minutes: Int,
        _ seconds: Int
    ) -> String {
        "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(hours, 2)):\(padded(minutes, 2)):\(padded(seconds, 2))Z"
    }

    /// Looks for basic constraints that say so.
    private static func isAuthority(_ field: ASN1Node) throws -> Bool {
        guard case .constructed(let inside) = field.content else { throw CardCertificateFailure() }
        var isAuthority = false
        for list in inside {
            try DER.sequence(list, identifier: .sequence) { extensions in
                while let entry = extensions.next() {
                    if try Self.saysAuthority(entry) { isAuthority = true }
                }
            }
        }
        return isAuthority
    }

    private static func saysAuthority(_ entry: ASN1Node) throws -> Bool {
        try DER.sequence(entry, identifier: .sequence) { nodes in
            let identifier = try ASN1ObjectIdentifier(derEncoded: &nodes)
            var last: ASN1Node?
            while let node = nodes.next() { last = node }
            guard identifier == basicConstraints, let last else { return false }
            let value = try ASN1OctetString(derEncoded: last)
            return try DER.sequence(try DER.parse(value.bytes), identifier: .sequence) { nodes in
                var saysSo = false
                while let node = nodes.next() {
                    if node.identifier == .boolean { saysSo = try Bool(derEncoded: node) }
                }
                return saysSo
            }
        }
    }

    private static let basicConstraints: ASN1ObjectIdentifier = [2, 5, 29, 19]
}

/// The bytes are no certificate that this version can use.
private struct CardCertificateFailure: Error {}
