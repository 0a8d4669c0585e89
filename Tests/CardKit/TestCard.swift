package import BelgianEID
import Crypto
import Foundation
import Shared

/// An invented Belgian eID: a person, an authority, and what was done to it.
package struct TestCard: Sendable {
    package let applet: TestApplet.Version
    package let authority: TestAuthority
    package private(set) var files: [CardFile: [UInt8]]

    /// What is wrong with a card.
    package enum Fault: String, Sendable, CaseIterable {
        /// The identity's signature, by one bit.
        case signature
        /// The surname, after signing.
        case identity
        /// The municipality, after signing.
        case address
        /// The address's signature, by one bit.
        case addressSignature
        case photo
        /// The surname announces more than there is; signed so.
        case tlv
        /// The identity ends within a value; signed so.
        case truncated
        /// The Register's certificate is somebody else's, under the same name.
        case registerForged
        case registerExpired
        /// The Register's certificate is an authority's.
        case registerIsAuthority
    }

    package init(
        _ person: TestPerson = .dutch,
        applet: TestApplet.Version = .applet18,
        faults: Set<Fault> = []
    ) throws {
        let (root, register) = try TestAuthority.keys(of: applet)
        self.applet = applet
        authority = try TestAuthority(
            root: root,
            register: register,
            signedBy: faults.contains(.registerForged) ? TestAuthority.Keys.stranger384 : nil,
            registerIsAuthority: faults.contains(.registerIsAuthority),
            registerUntil: faults.contains(.registerExpired)
                ? "20240101000000Z" : "20400101000000Z"
        )
        let photo = TestPhoto.bytes
        var identity = Self.identity(person, applet, photo)
        if let place = Self.place(of: person.surname, in: identity) {
            if faults.contains(.tlv) { identity[place - 1] = 0xFE }
            if faults.contains(.truncated) { identity = Array(identity[..<(place + 3)]) }
        }
        let address = Self.address(person, applet)
        let signature = try register.sign(identity)
        let end = (address.lastIndex { $0 != 0 } ?? -1) + 1
        var addressSignature = try register.sign(Array(address[..<end]) + signature)
        if applet == .applet18 { addressSignature = Self.padded(addressSignature, to: 104) }
        files = [
            .identity: identity, .identitySignature: signature, .address: address,
            .addressSignature: addressSignature, .photo: photo,
            .rootCertificate: authority.rootCertificate + Self.padding,
            .registerCertificate: authority.registerCertificate + Self.padding,
        ]
        tamper(person, faults)
    }

    /// What tests trust.
    package var roots: TrustedRoots {
        get throws { try TrustedRoots(testRoots: [authority.rootPEM]) }
    }

    /// The files as if they had been read.
    package func contents(_ wanted: [CardFile] = CardFile.allCases) -> CardContents {
        var contents = CardContents()
        for file in wanted {
            var bytes = files[file] ?? []
            if file == .rootCertificate { bytes = authority.rootCertificate }
            if file == .registerCertificate { bytes = authority.registerCertificate }
            contents[file] = SecretBytes(bytes)
        }
        return contents
    }

    /// Puts other bytes in a file's place; nil takes the file away.
    package mutating func replace(_ file: CardFile, with bytes: [UInt8]?) { files[file] = bytes }

    private mutating func tamper(_ person: TestPerson, _ faults: Set<Fault>) {
        func flip(_ file: CardFile, _ place: Int) { files[file]?[place] ^= 1 }
        if faults.contains(.signature) { flip(.identitySignature, 40) }
        if faults.contains(.addressSignature) { flip(.addressSignature, 40) }
        if faults.contains(.photo) { flip(.photo, 200) }
        if faults.contains(.identity),
            let place = files[.identity].flatMap({ Self.place(of: person.surname, in: $0) })
        {
            flip(.identity, place)
        }
        if faults.contains(.address),
            let place = files[.address].flatMap({ Self.place(of: person.municipality, in: $0) })
        {
            flip(.address, place)
        }
    }

    private static let padding = [UInt8](repeating: 0, count: 1100)

    private static func padded(_ bytes: [UInt8], to count: Int) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: max(0, count - bytes.count))
    }

    private static func place(of text: String, in bytes: [UInt8]) -> Int? {
        bytes.firstRange(of: Array(text.utf8))?.lowerBound
    }

    /// One record; a long value has `FF` before its length.
    package static func record(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
        var length = value.count
        var head = [tag]
        while length >= 255 {
            head.append(0xFF)
            length -= 255
        }
        return head + [UInt8(length)] + value
    }

    package static func identity(
        _ person: TestPerson,
        _ applet: TestApplet.Version,
        _ photo: [UInt8]
    ) -> [UInt8] {
        let digest: [UInt8] =
            switch applet {
            case .applet18: Array(SHA384.hash(data: photo))
            case .applet17: Array(SHA256.hash(data: photo))
            case .applet10, .applet11: Array(Insecure.SHA1.hash(data: photo))
            }
        let texts: [(UInt8, String)] = [
            (3, person.validFrom), (4, person.validUntil), (5, person.issuer),
            (6, person.nationalNumber), (7, person.surname), (8, person.givenNames),
            (9, person.thirdInitial), (10, person.nationality), (11, person.birthPlace),
            (12, person.birthDate), (13, person.sex), (14, ""), (15, person.documentType),
            (16, "0"),
        ]
        var bytes = record(0, [0, applet == .applet18 ? 2 : 1])
        bytes += record(1, Array(person.cardNumber.utf8))
        bytes += record(2, TestApplet.chip)
        for (tag, text) in texts { bytes += record(tag, Array(text.utf8)) }
        bytes += record(17, digest)
        if applet == .applet18 { bytes += record(18, Array("00".utf8)) + record(26, digest) }
        return bytes
    }

    private static func address(_ person: TestPerson, _ applet: TestApplet.Version) -> [UInt8] {
        let records =
            record(1, Array(person.street.utf8)) + record(2, Array(person.postalCode.utf8))
            + record(3, Array(person.municipality.utf8))
        return applet == .applet18
            ? padded([0, 2, 0, 2] + records, to: 180) : padded(records, to: 117)
    }
}

/// A JPEG's head with a long remark behind it: nobody's portrait.
package enum TestPhoto {
    package static let width = 150
    package static let height = 195
    package static let bytes: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF".utf8) + [0, 1, 1, 0, 0, 1, 0, 1, 0, 0]
        + [0xFF, 0xFE, 0x0B, 0x02]
        + [UInt8](repeating: UInt8(ascii: "x"), count: 0x0B00)
        + [0xFF, 0xC0, 0, 11, 8, 0, 195, 0, 150, 1, 1, 0x11, 0] + [0xFF, 0xD9]
}
