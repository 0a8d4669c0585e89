import Shared
import Testing

@Suite struct PartialDateTests {
    @Test(arguments: ["1961-03-17", "1961-03", "1947", "2000-02-29", "9999-12-31"])
    func `what is known of a date is read and printed`(text: String) throws {
        #expect(try #require(PartialDate(text)).description == text)
    }

    @Test(
        arguments: [
            "", "61", "1961-3", "1961-13", "1961-00", "1961-00-00", "2023-02-29", "1961-03-",
            "0000", "1961 ", " 1961", "19６1", "1961-03-17T", "-961",
        ]
    )
    func `any other text is no date`(text: String) {
        #expect(PartialDate(text) == nil)
    }

    @Test func `an unknown part stays unknown`() throws {
        let year = try #require(PartialDate("1947"))
        #expect(year.month == nil && year.day == nil && year.date == nil)
        let whole = try #require(PartialDate("1947-01-01"))
        #expect(year != whole && whole.date == CalendarDate("1947-01-01"))
    }

    @Test func `a day without its month is no date`() {
        #expect(PartialDate(year: 1947, month: nil, day: 3) == nil)
        #expect(PartialDate(year: 1947, month: 2, day: 30) == nil)
    }

    @Test(
        arguments: [
            ("1947", "1947-05-06", true), ("1947-05", "1947-05-06", true),
            ("1947-05-06", "1947-05-06", true), ("1947-05", "1947-06", false),
            ("1947", "1948-05-06", false), ("1947-05-06", "1947-05-07", false),
        ]
    )
    func `two dates agree where what both know is equal`(
        left: String,
        right: String,
        agree: Bool
    ) throws {
        let left = try #require(PartialDate(left))
        let right = try #require(PartialDate(right))
        #expect(left.agrees(with: right) == agree && right.agrees(with: left) == agree)
    }
}

@Suite struct NationalNumberTests {
    @Test(
        arguments: [
            ("93051822361", false), ("25041612347", false), ("25041612376", true),
            // bis numbers, numbers without a date, and days whose counter ran over
            ("92200006963", false), ("92321506985", false), ("81050003552", false),
            ("10000100182", false), ("10200100128", false), ("24203200171", false),
        ]
    )
    func `check digits of either century are accepted, whatever the date`(
        text: String,
        isOfThisCentury: Bool
    ) throws {
        let number = try #require(NationalNumber(text))
        #expect(number.digits == text && number.isOfThisCentury == isOfThisCentury)
    }

    @Test(arguments: ["93.05.18-223.61", "93 05 18 223 61", "930518-22361", "93/05/18 223-61"])
    func `the ways in which people write it are one number`(text: String) throws {
        #expect(try #require(NationalNumber(text)).digits == "93051822361")
    }

    @Test(
        arguments: [
            "", "9305182236", "930518223611", "93051822362", "9305182236a", "9305182236١",
            "00000000000", "93051822361                                            ",
        ]
    )
    func `wrong length, check digits or signs are no number`(text: String) {
        #expect(NationalNumber(text) == nil)
    }

    @Test func `one wrong digit is always noticed`() {
        let right = Array("93051822361".utf8)
        for place in right.indices {
            for digit in UInt8(ascii: "0")...UInt8(ascii: "9") where digit != right[place] {
                var wrong = right
                wrong[place] = digit
                // The check digits of the other century are a number too, of somebody else.
                let number = NationalNumber(String(decoding: wrong, as: UTF8.self))
                #expect(number == nil || number?.isOfThisCentury == true)
            }
        }
    }

    @Test func `it prints and mirrors itself masked`() throws {
        let number = try #require(NationalNumber("93051822361"))
        #expect(number.formatted == "93.05.18-223.61")
        #expect(number.masked == "••.••.••-•••.61")
        #expect("\(number)" == number.masked && String(reflecting: number) == number.masked)
        var dumped = ""
        dump(number, to: &dumped)
        #expect(!dumped.contains("9305"))
    }
}

@Suite struct SecretBytesTests {
    @Test func `it holds what was put in, and what came behind`() {
        let start = SecretBytes([1, 2, 3])
        let whole = SecretBytes(start, [4, 5])
        #expect(Array(start) == [1, 2, 3] && Array(whole) == [1, 2, 3, 4, 5])
        #expect(Array(SecretBytes(SecretBytes([]), [])) == [])
        #expect(whole.withBytes { Array($0.suffix(2)) } == [4, 5])
    }

    @Test func `it does not print what it holds`() {
        let secret = SecretBytes(Array("Specimen".utf8))
        #expect("\(secret)" == "8 secret bytes")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("Specimen") && !dumped.contains("83"))
    }

    @Test func `wiping leaves only zeros`() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 5, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: [1, 2, 3, 4, 5])
        SecretBytes.wipe(memory)
        #expect(memory.allSatisfy { $0 == 0 })
    }
}
