import BelgianEID
import CardKit
import Shared
import Testing

@Suite struct ContentTests {
    private func identity(_ person: TestPerson) throws -> CardIdentity {
        try CardIdentity(SecretBytes(TestCard.identity(person, .applet18, TestPhoto.bytes)))
    }

    @Test func `an identity is read field by field`() throws {
        let identity = try identity(.dutch)
        #expect(identity.cardNumber == "999610317397" && identity.issuer == "Testgem")
        #expect(identity.validFrom == CalendarDate("2024-03-15"))
        #expect(identity.validUntil == CalendarDate("2034-03-15"))
        #expect(identity.nationalNumber == NationalNumber(TestPerson.dutch.nationalNumber))
        #expect(identity.surname == "Specimen" && identity.givenNames == "Jan Fictief")
        #expect(identity.thirdInitial == "T" && identity.nationality == "Belg")
        #expect(identity.birthDate.date == PartialDate("1961-03-17") && identity.sex == .male)
        #expect(identity.documentType.name == "Belgian citizen")
        #expect(identity.photoDigest.count == 48 && identity.unknownTags == [])
    }

    @Test func `every person of the tests is read`() throws {
        for person in TestPerson.all {
            let identity = try identity(person)
            #expect(identity.surname == person.surname && identity.givenNames == person.givenNames)
            #expect(identity.nationalNumber.digits == person.nationalNumber)
            #expect(identity.birthDate.date != nil)
        }
    }

    @Test(
        arguments: [
            ("17 MAAR 1961", "1961-03-17"), ("17 OKT  1961", "1961-10-17"),
            ("01 JAN  1950", "1950-01-01"), ("29 FEV  2000", "2000-02-29"),
            ("09 AOUT 2004", "2004-08-09"), ("05.MÄR.1958", "1958-03-05"),
            ("31.DEZ.1999", "1999-12-31"), ("11 JUIL 1970", "1970-07-11"),
            ("11 JUL  1970", "1970-07-11"), ("11 MEI  1970", "1970-05-11"),
            ("11 SEPT 1970", "1970-09-11"), ("11 mars 1970", "1970-03-11"),
            ("        1947", "1947"), ("1947", "1947"), ("   AUG  1990", "1990-08"),
            ("  .AUG.1990", "1990-08"),
        ]
    )
    func `a birth date says as much as it says`(text: String, date: String) {
        #expect(CardBirthDate(text).date == PartialDate(date))
    }

    @Test(
        arguments: [
            "", "17 XYZ 1961", "31 FEB 1961", "32 JAN 1961", "00 JAN 1961", "17 03 1961",
            "17 MAAR 61", "17 MAAR 19612", "17 MAAR 1961 X", "MAAR", "1 1", "17-MAAR-1961",
            "17 MAAR 1٩61", "17 MAAR 0961",
        ]
    )
    func `what is not understood keeps its text and gives no date`(text: String) {
        #expect(CardBirthDate(text) == CardBirthDate(text))
        #expect(CardBirthDate(text).date == nil && CardBirthDate(text).text == text)
    }

    @Test(
        arguments: [
            ("M", CardSex.male), ("F", .female), ("V", .female), ("W", .female), ("v", .female),
            ("X", .unknown), ("", .unknown), ("MM", .unknown),
        ]
    )
    func `the letter of each language is understood, and no other`(text: String, sex: CardSex) {
        #expect(CardSex(text) == sex)
    }

    @Test(arguments: ["7", "07", "8"])
    func `a card of no person is refused`(code: String) throws {
        var person = TestPerson.dutch
        person.documentType = code
        #expect(throws: CardContentFailure.notAPerson) { try identity(person) }
    }

    @Test(arguments: ["1", "01", "6", "11", "36", "69", "99", "123"])
    func `every other kind of document is a person's, known or not`(code: String) throws {
        var person = TestPerson.dutch
        person.documentType = code
        let type = try identity(person).documentType
        #expect(type.isPerson && (type.name == nil) == ["99", "123"].contains(code))
    }

    @Test func `lengths go on behind FF`() throws {
        let head = TestCard.identity(.dutch, .applet18, TestPhoto.bytes)
        for length in [254, 255, 256, 509, 510, 511, 1000] {
            let value = [UInt8](repeating: UInt8(ascii: "y"), count: length)
            let identity = try CardIdentity(SecretBytes(head + TestCard.record(40, value)))
            #expect(identity.unknownTags == [40] && identity.surname == "Specimen")
        }
        #expect(TestCard.record(1, [UInt8](repeating: 0, count: 255)).prefix(3) == [1, 0xFF, 0])
    }

    @Test func `new tags are noted and skipped`() throws {
        let bytes =
            TestCard.identity(.dutch, .applet18, TestPhoto.bytes) + TestCard.record(31, [1, 2])
            + TestCard.record(77, []) + TestCard.record(200, [9])
        #expect(try CardIdentity(SecretBytes(bytes)).unknownTags == [77, 200])
    }

    @Test func `a record that comes twice, or behind padding, is malformed`() {
        let bytes = TestCard.identity(.dutch, .applet18, TestPhoto.bytes)
        let twice = bytes + TestCard.record(7, Array("Other".utf8))
        #expect(throws: CardContentFailure.malformed(.identity, offset: bytes.count)) {
            try CardIdentity(SecretBytes(twice))
        }
        let behind = bytes + [0, 0] + TestCard.record(40, [1])
        #expect(throws: CardContentFailure.malformed(.identity, offset: bytes.count)) {
            try CardIdentity(SecretBytes(behind))
        }
    }

    @Test func `padding behind the records is no record`() throws {
        let bytes = TestCard.identity(.dutch, .applet18, TestPhoto.bytes) + [0, 0, 0, 0, 0]
        #expect(try CardIdentity(SecretBytes(bytes)).surname == "Specimen")
    }

    @Test func `every cut of an identity is refused, or says the same`() throws {
        let bytes = TestCard.identity(.dutch, .applet18, TestPhoto.bytes)
        let whole = try CardIdentity(SecretBytes(bytes))
        for count in 0..<bytes.count {
            guard let cut = try? CardIdentity(SecretBytes(bytes.prefix(count))) else { continue }
            // Only what stands behind the document type can be missing without being missed.
            var expected = whole
            if cut.photoDigest.isEmpty { expected.photoDigest = [] }
            #expect(cut == expected)
        }
    }

    @Test func `no change of one byte crashes, and what is read is well formed`() {
        let bytes = TestCard.identity(.long, .applet18, TestPhoto.bytes)
        var random = SeededRandom(seed: 7)
        for place in bytes.indices {
            for value in [
                0, 1, 7, 0x7F, 0x80, 0xFE, 0xFF, UInt8.random(in: 2...0xFD, using: &random),
            ] {
                var changed = bytes
                changed[place] = value
                guard let identity = try? CardIdentity(SecretBytes(changed)) else { continue }
                #expect(!identity.surname.isEmpty && identity.documentType.isPerson)
            }
        }
    }

    @Test func `an address is free text, any part of it may be empty`() throws {
        let bytes =
            [0, 2, 0, 2] + TestCard.record(1, Array("Rue de l'Exemple 7/B".utf8))
            + TestCard.record(2, []) + TestCard.record(3, Array("Testgem".utf8)) + [0, 0, 0]
        let address = try CardAddress(SecretBytes(bytes))
        #expect(address.street == "Rue de l'Exemple 7/B" && address.postalCode == "")
        #expect(address.municipality == "Testgem" && !address.isEmpty)
        #expect(try CardAddress(SecretBytes([UInt8](repeating: 0, count: 117))).isEmpty)
        #expect(try CardAddress(SecretBytes([])).isEmpty)
    }

    @Test func `text that is none, or would turn a terminal, is refused`() {
        for value: [UInt8] in [
            [0xC3], [0xFF, 0xFE], Array("a\u{1B}[2Jb".utf8), Array("a\nb".utf8),
        ] {
            #expect(throws: CardContentFailure.unreadableText(.address, tag: 1)) {
                try CardAddress(SecretBytes(TestCard.record(1, value)))
            }
        }
    }

    @Test func `a photo says its size, and bytes that are none are no photo`() throws {
        let photo = try #require(CardPhoto(SecretBytes(TestPhoto.bytes)))
        #expect(photo.width == 150 && photo.height == 195 && photo.isGrey)
        for count in 0..<TestPhoto.bytes.count - 10 {
            #expect(CardPhoto(SecretBytes(TestPhoto.bytes.prefix(count))) == nil)
        }
        #expect(CardPhoto(SecretBytes(Array("GIF89a, and so on".utf8))) == nil)
        #expect(CardPhoto(SecretBytes([0xFF, 0xD8] + [UInt8](repeating: 0xFF, count: 99))) == nil)
    }

    @Test func `an identity does not print itself`() throws {
        let identity = try identity(.dutch)
        var dumped = ""
        dump(identity, to: &dumped)
        #expect(!"\(identity)\(dumped)\(String(reflecting: identity))".contains("Specimen"))
    }
}
