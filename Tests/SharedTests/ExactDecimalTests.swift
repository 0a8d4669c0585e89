import Shared
import Testing

@Suite struct ExactDecimalTests {
    @Test(
        arguments: [
            "0", "-2.25", "1.50", "0.6799999999999999", "123456789012345678",
            "0.000000000000000001", "-0.00000000000000001",
        ]
    )
    func `text in the wire form comes back as it was`(text: String) throws {
        #expect(try #require(ExactDecimal(text)).text == text)
    }

    @Test(
        arguments: [
            "", "-", ".", "1.", ".5", "+1", " 1", "1 ", "1,5", "1.2.3", "1e3", "--1", "0x1", "٣",
            "1234567890123456789", "0.0000000000000000001", "1_000", "NaN", "1.-2",
        ]
    )
    func `any other text is no decimal`(text: String) {
        #expect(ExactDecimal(text) == nil)
    }

    @Test func `a minus before zero is dropped and leading zeros too`() {
        #expect(ExactDecimal("-0.00")?.text == "0.00")
        #expect(ExactDecimal("007.50")?.text == "7.50")
    }

    @Test func `equality sees decimals, order sees the value alone`() throws {
        let short = try #require(ExactDecimal("1.5"))
        let long = try #require(ExactDecimal("1.50"))
        #expect(short != long)
        #expect(short.trimmed == long.trimmed)
        #expect(!(short < long) && !(long < short))
        #expect(try #require(ExactDecimal("-1.51")) < -1)
        #expect(try #require(ExactDecimal("0.999999999999999999")) < 1)
    }

    @Test(
        arguments: [
            ("1.25", "-0.75", "0.50"), ("1.5", "0.25", "1.75"), ("-2", "2.00", "0.00"),
            ("0.1", "0.2", "0.3"),
        ]
    )
    func `sums are exact and keep the larger number of decimals`(
        first: String,
        second: String,
        sum: String
    ) throws {
        let (first, second) = (try decimal(first), try decimal(second))
        #expect((first + second)?.text == sum)
        #expect((first - -second)?.text == sum)
    }

    @Test func `what eighteen digits do not hold is nil`() throws {
        let large = try decimal("999999999999999999")
        #expect(large + 1 == nil)
        #expect(large.multiplied(by: 10, decimals: 0) == nil)
        #expect(large.rounded(to: 1) == nil)
        #expect(large + (try decimal("0.1")) == nil)
    }

    @Test(
        arguments: [
            ("2.5", 0, "3"), ("-2.5", 0, "-3"), ("2.4999", 0, "2"), ("1.005", 2, "1.01"),
            ("-1.004", 2, "-1.00"), ("1", 2, "1.00"), ("0.5", 0, "1"), ("-0.4", 0, "0"),
        ]
    )
    func `rounding goes half away from zero`(text: String, decimals: Int, rounded: String) throws {
        #expect(try decimal(text).rounded(to: decimals)?.text == rounded)
    }

    @Test func `a radius becomes a power, and radians become degrees`() throws {
        #expect(try decimal("337.5").divided(by: try decimal("7.80"), decimals: 2)?.text == "43.27")
        #expect(try decimal("-1").divided(by: 3, decimals: 4)?.text == "-0.3333")
        #expect(try decimal("2").divided(by: 3, decimals: 4)?.text == "0.6667")
        #expect(try decimal("1").divided(by: 0, decimals: 2) == nil)
        let factor = try decimal("57.2957795130823209")
        #expect(try decimal("2.96706").multiplied(by: factor, decimals: 0)?.text == "170")
    }

    @Test func `json is text`() throws {
        #expect(
            String(decoding: try JSON.encode([try decimal("-2.250")]), as: UTF8.self)
                == "[\"-2.250\"]"
        )
        #expect(
            try JSON.decode([ExactDecimal].self, from: Array("[\"1.50\"]".utf8))[0].text == "1.50"
        )
        #expect(throws: (any Error).self) {
            try JSON.decode([ExactDecimal].self, from: Array("[1.5]".utf8))
        }
    }

    private func decimal(_ text: String) throws -> ExactDecimal {
        try #require(ExactDecimal(text))
    }
}
