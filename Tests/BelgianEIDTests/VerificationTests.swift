import BelgianEID
import CardKit
import Shared
import Testing

@Suite struct VerificationTests {
    private let day = CalendarDate(daysSince1970: 20_785)
    private let now = Instant(milliseconds: 20_785 * 86_400_000)

    private func report(
        _ card: TestCard,
        roots: TrustedRoots? = nil,
        files: [CardFile] = CardFile.allCases,
        today: CalendarDate? = nil
    ) throws -> CardReport {
        CardReport(
            card.contents(files),
            roots: try roots ?? card.roots,
            today: today ?? day,
            now: now
        )
    }

    @Test(arguments: TestApplet.Version.allCases)
    func `a sound card under a test root is a test card and says so`(
        applet: TestApplet.Version
    ) throws {
        let report = try report(TestCard(applet: applet))
        #expect(report.outcome == .testCard(.genuine) && report.outcome.isGenuine)
        #expect(report.outcome.word == "testCard" && report.outcome.invalid == [])
        #expect(report.isIdentityProved && report.isAddressProved && report.photo != nil)
        #expect(report.warnings == [] && report.identity?.surname == "Specimen")
        #expect(report.address?.municipality == "Testgem")
    }

    @Test func `a test root counts only where it is configured`() throws {
        let report = try report(TestCard(), roots: .belgium)
        #expect(report.outcome == .untrustedIssuer && !report.isIdentityProved)
        #expect(report.address == nil && report.photo == nil)
    }

    @Test(
        arguments: [
            (TestCard.Fault.signature, [CardPart.identity, .address]), (.identity, [.identity]),
            (.address, [.address]), (.addressSignature, [.address]), (.photo, [.photo]),
            (.registerForged, [.rrnCertificate]), (.registerIsAuthority, [.rrnCertificate]),
        ],
        [TestApplet.Version.applet18, .applet17, .applet11]
    )
    func `what was changed is named`(
        fault: (TestCard.Fault, [CardPart]),
        applet: TestApplet.Version
    ) throws {
        let report = try report(TestCard(applet: applet, faults: [fault.0]))
        #expect(report.outcome == .testCard(.signatureInvalid(fault.1)))
        #expect(report.outcome.invalid == fault.1 && !report.outcome.isGenuine)
        let identityStands = fault.1 == [.address] || fault.1 == [.photo]
        #expect(report.isIdentityProved == identityStands)
        #expect(report.warnings.contains(.addressNotVerified) == fault.1.contains(.address))
    }

    @Test(
        arguments: [TestCard.Fault.tlv, .truncated],
        [TestApplet.Version.applet18, .applet17, .applet11]
    )
    func `what cannot be read is unreadable, signed or not`(
        fault: TestCard.Fault,
        applet: TestApplet.Version
    ) throws {
        let report = try report(TestCard(applet: applet, faults: [fault]))
        #expect(report.outcome.word == "unreadable" && report.identity == nil)
        #expect(!report.outcome.isGenuine && !report.isIdentityProved)
    }

    @Test func `a register certificate that has expired since is a warning`() throws {
        let report = try report(TestCard(faults: [.registerExpired]))
        #expect(report.outcome == .testCard(.genuine))
        #expect(report.warnings == [.rrnCertificateExpired])
    }

    @Test func `the card's own days are what counts, the first and the last with them`() throws {
        let card = try TestCard()
        func outcome(_ day: String) throws -> (CardOutcome, [CardWarning]) {
            let report = try report(card, today: CalendarDate(day))
            return (report.outcome, report.warnings)
        }
        #expect(try outcome("2024-03-14") == (.testCard(.expired), [.notYetValid]))
        #expect(try outcome("2024-03-15") == (.testCard(.genuine), []))
        #expect(try outcome("2034-03-15") == (.testCard(.genuine), []))
        #expect(try outcome("2034-03-16") == (.testCard(.expired), [.expired]))
        let expired = try report(TestCard(.expired))
        #expect(expired.outcome == .testCard(.expired) && !expired.outcome.isGenuine)
        #expect(expired.isIdentityProved)
    }

    @Test func `the identity stands before address and photo are read`() throws {
        let report = try report(TestCard(faults: [.photo, .address]), files: CardFile.first)
        #expect(report.outcome == .testCard(.genuine) && report.isIdentityProved)
        #expect(report.address == nil && report.photo == nil && !report.isAddressProved)
    }

    @Test func `zeros behind the address are not signed, zeros within it are`() throws {
        var card = try TestCard()
        let address = try #require(card.files[.address])
        card.replace(.address, with: address + [0, 0, 0])
        #expect(try report(card).isAddressProved)
        var changed = address
        changed[5] = 0
        card.replace(.address, with: changed)
        #expect(try !report(card).isAddressProved)
    }

    @Test func `an address whose signature is missing is not proved`() throws {
        var contents = try TestCard().contents(CardFile.allCases.filter { $0 != .addressSignature })
        contents.noteAbsence(of: .addressSignature)
        let roots = try TestCard().roots
        let report = CardReport(contents, roots: roots, today: day, now: now)
        #expect(report.outcome == .testCard(.signatureInvalid([.address])))
    }

    @Test func `a card that carries a trusted root and another's register is a forgery`() throws {
        let honest = try TestCard()
        let forger = try TestAuthority(
            root: TestAuthority.Keys.stranger384,
            register: TestAuthority.Keys.stranger384
        )
        var contents = honest.contents()
        contents[.registerCertificate] = SecretBytes(forger.registerCertificate)
        let report = CardReport(contents, roots: try honest.roots, today: day, now: now)
        #expect(report.outcome == .testCard(.signatureInvalid([.rrnCertificate])))
    }

    @Test func `no bit of any file can change unnoticed`() throws {
        let card = try TestCard()
        for file in CardFile.allCases {
            let bytes = Array(try #require(card.contents()[file]))
            for place in stride(from: 0, to: bytes.count, by: 7) {
                var changed = bytes
                changed[place] ^= 0x10
                var contents = card.contents()
                contents[file] = SecretBytes(changed)
                let report = CardReport(contents, roots: try card.roots, today: day, now: now)
                // Padding carries nothing; and of the root only its name and key are used.
                let isUnused = report.outcome == .testCard(.genuine)
                let mayBeUnused =
                    file == .rootCertificate || file == .addressSignature || file == .address
                #expect(!isUnused || mayBeUnused)
                if file == .address { #expect(!isUnused || !report.isAddressProved || place > 60) }
            }
        }
    }

    @Test func `a file of test roots holds certificates and nothing else`() throws {
        let pem = try TestCard().authority.rootPEM
        _ = try TrustedRoots(testRoots: [pem + pem])
        for text in ["", "nonsense", pem.replacing("CERTIFICATE", with: "PRIVATE KEY")] {
            #expect(throws: TestRootFailure.self) { try TrustedRoots(testRoots: [text]) }
        }
    }
}
