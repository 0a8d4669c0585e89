/// The files of the card that are read; none of them needs a PIN.
///
/// Source: Fedict, Belgian Electronic Identity Card content, v5.4.
package enum CardFile: Hashable, Sendable, CaseIterable {
    case identity
    /// Over `identity` exactly as read.
    case identitySignature
    /// The certificate of the National Register, which has signed both.
    case registerCertificate
    /// The root that the card carries; it counts only where its key is pinned.
    case rootCertificate
    case address
    /// Over `address` without its trailing zeros, and `identitySignature` as stored.
    case addressSignature
    /// A JPEG; its digest is in `identity`.
    case photo

    /// What shows who the person is, and whether that is so.
    package static let first: [CardFile] = [
        .identity, .identitySignature, .registerCertificate, .rootCertificate,
    ]

    /// The path from the master file.
    var path: [UInt16] {
        switch self {
        case .identity: [0x3F00, 0xDF01, 0x4031]
        case .identitySignature: [0x3F00, 0xDF01, 0x4032]
        case .address: [0x3F00, 0xDF01, 0x4033]
        case .addressSignature: [0x3F00, 0xDF01, 0x4034]
        case .photo: [0x3F00, 0xDF01, 0x4035]
        case .rootCertificate: [0x3F00, 0xDF00, 0x503B]
        case .registerCertificate: [0x3F00, 0xDF00, 0x503C]
        }
    }

    /// True where the file says itself how long it is: a certificate, with padding behind it that
    /// need not be read.
    var saysItsLength: Bool { self == .rootCertificate || self == .registerCertificate }

    /// True where a card without it is a card all the same.
    var mayBeMissing: Bool { self == .address || self == .addressSignature || self == .photo }
}
