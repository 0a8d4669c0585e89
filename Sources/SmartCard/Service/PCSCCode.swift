/// A result of PC/SC: one of `SCARD_…` in pcsclite.h.
package struct PCSCCode: Hashable, Sendable {
    package let value: UInt32

    package init(_ value: UInt32) { self.value = value }

    package static let success = PCSCCode(0)
    package static let cancelled = PCSCCode(0x8010_0002)
    package static let invalidHandle = PCSCCode(0x8010_0003)
    package static let unknownReader = PCSCCode(0x8010_0009)
    package static let timeout = PCSCCode(0x8010_000A)
    package static let sharingViolation = PCSCCode(0x8010_000B)
    package static let noCard = PCSCCode(0x8010_000C)
    package static let commFailed = PCSCCode(0x8010_0013)
    package static let notTransacted = PCSCCode(0x8010_0016)
    package static let readerUnavailable = PCSCCode(0x8010_0017)
    package static let shutdown = PCSCCode(0x8010_0018)
    package static let noService = PCSCCode(0x8010_001D)
    package static let serviceStopped = PCSCCode(0x8010_001E)
    package static let noReaders = PCSCCode(0x8010_002E)
    package static let dataLost = PCSCCode(0x8010_002F)
    package static let unresponsiveCard = PCSCCode(0x8010_0066)
    package static let unpoweredCard = PCSCCode(0x8010_0067)
    package static let resetCard = PCSCCode(0x8010_0068)
    package static let removedCard = PCSCCode(0x8010_0069)
    package static let notAuthorised = PCSCCode(0x8010_006A)

    /// True where the context is of no more use: the service is away, or is another one now.
    package var meansServiceLost: Bool {
        [.invalidHandle, .commFailed, .shutdown, .noService, .serviceStopped].contains(self)
    }

    /// True where there is no card to talk to.
    package var meansRemoved: Bool {
        [.noCard, .removedCard, .readerUnavailable, .unknownReader].contains(self)
    }

    /// A sentence for an administrator; nil for codes that say nothing to one.
    package var sentence: String? {
        switch self {
        case .noService, .commFailed: "The smart card service pcscd does not run."
        case .serviceStopped: "pcscd has ended, or is of another version than libpcsclite."
        case .notAuthorised: "polkit does not let this user at the smart card service."
        case .sharingViolation: "Another program holds the card for itself alone."
        case .unresponsiveCard: "The card does not answer: it may be the wrong way round."
        default: nil
        }
    }
}

extension PCSCCode: CustomStringConvertible {
    /// `8010001D`.
    package var description: String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// PC/SC has refused a call.
package struct PCSCError: Error, Hashable, Sendable, CustomStringConvertible {
    package let code: PCSCCode

    package init(_ code: PCSCCode) { self.code = code }

    package var description: String {
        code.sentence.map { "\($0) (\(code))" } ?? "PC/SC has failed with \(code)."
    }
}
