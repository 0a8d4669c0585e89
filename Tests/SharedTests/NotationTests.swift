import Shared
import Testing

@Suite struct NotationTests {
    private let notation = Notation()

    @Test(
        arguments: [
            ("1.25", "+1.25"), ("-0.75", "−0.75"), ("0", "0.00"), ("-0.001", "0.00"),
            ("4.1200000000000001", "+4.12"), ("-0.6799999999999999", "−0.68"), ("12", "+12.00"),
            ("0.005", "+0.01"), ("-0.005", "−0.01"),
        ]
    )
    func `a power has its sign and two decimals`(text: String, shown: String) {
        #expect(notation.power(ExactDecimal(text)) == shown)
    }

    @Test func `absent is an em dash, never zero or blank`() {
        #expect(notation.power(nil) == "—")
        #expect(notation.refraction(sphere: nil, cylinder: nil, axis: nil) == "—")
        #expect(notation.angle(nil) == "—")
        #expect(notation.addition(nil) == "add —")
        #expect(notation.prism(nil, base: nil) == "—")
        #expect(notation.pressure(nil) == "—")
        #expect(notation.thickness(nil) == "—")
        #expect(notation.curvature(power: nil) == "—")
        #expect(notation.millimetres(nil) == "—")
        #expect(notation.acuity(nil) == "—")
    }

    @Test(
        arguments: [
            ("-2.25", "-0.75", "172", "−2.25 −0.75 × 172°"), ("-2.25", "0.00", "", "−2.25 sph"),
            ("0", "-1", "8", "0.00 −1.00 × 8°"), ("1", "", "", "+1.00 —"),
            ("1", "-1", "", "+1.00 −1.00 × —"), ("", "-1", "5", "— −1.00 × 5°"),
        ]
    )
    func `sphere, cylinder and axis stand on one line`(
        sphere: String,
        cylinder: String,
        axis: String,
        shown: String
    ) {
        let line = notation.refraction(
            sphere: ExactDecimal(sphere),
            cylinder: ExactDecimal(cylinder),
            axis: ExactDecimal(axis)
        )
        #expect(line == shown)
    }

    @Test func `an aligned axis takes three places`() {
        #expect(notation.angle(8, aligned: true) == "\u{2007}\u{2007}8°")
        #expect(notation.angle(172, aligned: true) == "172°")
    }

    @Test func `prism, pressure, thickness, curvature and lengths have their units`() {
        #expect(notation.prism(ExactDecimal("1"), base: .in) == "1.00 Δ in")
        #expect(notation.prism(ExactDecimal("1.5"), base: nil) == "1.50 Δ ?")
        #expect(notation.prism(0, base: nil) == "0.00 Δ")
        #expect(notation.pressure(16) == "16 mmHg")
        #expect(notation.pressure(ExactDecimal("16.33")) == "16.3 mmHg")
        #expect(notation.pressure(ExactDecimal("16.0")) == "16 mmHg")
        #expect(notation.thickness(ExactDecimal("545.2")) == "545 µm")
        #expect(
            notation.curvature(power: ExactDecimal("43.25"), axis: 172, radius: ExactDecimal("7.8"))
                == "43.25 D @ 172° (7.80 mm)"
        )
        #expect(notation.curvature(power: ExactDecimal("43.2")) == "43.20 D")
        #expect(notation.curvature(power: nil, radius: ExactDecimal("7.903")) == "7.90 mm")
        #expect(notation.millimetres(ExactDecimal("62.50")) == "62.5 mm")
        #expect(notation.millimetres(63) == "63.0 mm")
        #expect(notation.millimetres(ExactDecimal("31.25")) == "31.25 mm")
    }

    @Test func `a locale changes the decimal mark alone`() {
        let comma = Notation(decimalMark: .comma)
        #expect(comma.power(ExactDecimal("-1.25")) == "−1,25")
        #expect(
            comma.curvature(power: ExactDecimal("43.25"), axis: 5, radius: ExactDecimal("7.80"))
                == "43,25 D @ 5° (7,80 mm)"
        )
    }

    @Test func `each quantity is written in its own notation`() {
        func shown(_ quantity: Quantity, _ text: String, _ unit: Unit) -> String {
            notation.text(
                ReadingValue(eye: .right, quantity: quantity, value: ExactDecimal(text), unit: unit)
            )
        }
        #expect(shown(.sphere, "1.5", .dioptre) == "+1.50")
        #expect(shown(.axis, "5", .degree) == "5°")
        #expect(shown(.visualAcuity, "0.8", .one) == "0.8")
        #expect(shown(.keratoconusIndex, "3.5", .percent) == "3.5 %")
        #expect(shown(.eccentricity, "0.52", .one) == "0.52")
        #expect(shown(.vertexDistance, "12.00", .millimetre) == "12.0 mm")
        var word = ReadingValue(eye: .left, quantity: .visualAcuity, value: nil, unit: .one)
        #expect(notation.text(word) == "—")
        word.text = "CF"
        #expect(notation.text(word) == "CF")
    }
}
