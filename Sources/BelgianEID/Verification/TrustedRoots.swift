import Foundation
package import Shared
import SwiftASN1

/// The roots under which a card is genuine: Belgium's, and test roots where somebody names them.
///
/// Roots are known by their keys, because the State renews certificates and keeps keys. The root
/// that a card carries is only where its key is taken from.
package struct TrustedRoots: Sendable {
    private let tests: Set<Digest256>

    /// Belgium's roots alone.
    package static let belgium = TrustedRoots(tests: [])

    /// Belgium's roots, and those of a test.
    package init(tests: Set<Digest256>) {
        self.tests = tests.subtracting(Self.pinned)
    }

    /// Belgium's roots, and the certificates in these texts of PEM.
    ///
    /// Errors: `TestRootFailure` where a text holds none.
    package init(testRoots texts: [String]) throws(TestRootFailure) {
        var tests: Set<Digest256> = []
        for text in texts {
            guard text.utf8.count <= Self.maximumBytes,
                let documents = try? PEMDocument.parseMultiple(pemString: text),
                !documents.isEmpty
            else { throw TestRootFailure() }
            for document in documents {
                guard document.discriminator == "CERTIFICATE",
                    let root = CardCertificate(der: document.derBytes)
                else { throw TestRootFailure() }
                tests.insert(root.keyDigest)
            }
        }
        self.init(tests: tests)
    }

    private static let maximumBytes = 64 * 1024

    /// What a root is to us.
    enum Kind { case belgium, test }

    /// Nil for a stranger's.
    func kind(of root: CardCertificate) -> Kind? {
        if Self.pinned.contains(root.keyDigest) { return .belgium }
        return tests.contains(root.keyDigest) ? .test : nil
    }

    /// SHA-256 over the SubjectPublicKeyInfo of Belgium Root CA, CA2, CA3, CA4 and CA6.
    ///
    /// Computed from the certificates that Fedict's eid-mw ships; CA4 was renewed with its key.
    private static let pinned = Set(
        [
            "98ca29f313386721afbf5d14f1abcaa1dc63cc8d1fd7dc361f6b01368938f24b",
            "f8e5f905bc939911267b83d50814a90323b51e183629db52d4fc2d5468a5a578",
            "c7bc5e493726bbf531f62fc5f5513ac03ead813af4dcd445b3305ba3d3d53374",
            "b1538a9071705a92d938e506b738da0cafd1ae66aec2eeddc75479d433bd8776",
            "894ad2232fe69bb09e8370ef387ec1c66ab6a4ce53c811fd3c8ced5b5158d8c1",
        ].compactMap { Digest256(hexadecimal: $0) }
    )
}

/// A file that should hold test roots holds no certificate in PEM.
package struct TestRootFailure: Error, CustomStringConvertible {
    package let description = "A test root is a certificate in PEM, RSA or P-384."
}
