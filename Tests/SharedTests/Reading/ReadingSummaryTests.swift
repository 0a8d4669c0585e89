import Shared
import Testing

@Suite struct ReadingSummaryTests {
    @Test func `a subjective refraction shows far with its addition and prism`() {
        let summary = ReadingSummary(
            reading(.subjectiveRefraction, "Prescription") {
                [
                    $0(.right, .sphere, "-0.50") { $0.distance = .near },
                    $0(.right, .cylinder, "-0.75") { $0.distance = .near },
                    $0(.right, .axis, "172") { $0.distance = .near },
                    $0(.right, .sphere, "-2.25") { $0.distance = .far },
                    $0(.right, .cylinder, "-0.75") { $0.distance = .far },
                    $0(.right, .axis, "172") { $0.distance = .far },
                    $0(.right, .addition, "1.75") { $0.derived = true },
                    $0(.right, .prismHorizontal, "1.00") { ($0.distance, $0.base) = (.far, .in) },
                    $0(.both, .pupillaryDistance, "59.50") { $0.distance = .near },
                    $0(.both, .pupillaryDistance, "62.50") { $0.distance = .far },
                    $0(.both, .visualAcuity, "1.2") { $0.distance = .far },
                ]
            }
        )
        #expect(summary.label == "Prescription")
        #expect(summary.right == "−2.25 −0.75 × 172°  add +1.75  1.00 Δ in")
        #expect(summary.left == nil)
        #expect(summary.both == "VA 1.2  PD 62.5 mm")
    }

    @Test func `near alone says so, and two far distances never mix`() {
        let near = ReadingSummary(
            reading(.subjectiveRefraction, "Prescription") {
                [$0(.left, .sphere, "2.00") { $0.distance = .near }]
            }
        )
        #expect(near.left == "+2.00 —  near")
        let two = ReadingSummary(
            reading(.subjectiveRefraction, "Prescription") {
                [
                    $0(.left, .sphere, "-1") { ($0.distance, $0.distanceCm) = (.far, 500) },
                    $0(.left, .cylinder, "-2") { ($0.distance, $0.distanceCm) = (.far, 600) },
                ]
            }
        )
        #expect(two.left == "−1.00 —")
    }

    @Test func `a wavefront shows the 5 mm zone, else 3, else 7`() {
        func summary(_ right: [Int], _ left: [Int]) -> ReadingSummary {
            ReadingSummary(
                reading(.objectiveRefraction, "WF") { value in
                    right.map { zone in value(.right, .sphere, "\(zone)") { $0.zone = zone } }
                        + left.map { zone in value(.left, .sphere, "\(zone)") { $0.zone = zone } }
                }
            )
        }
        #expect(summary([3, 5, 7], [3, 5, 7]).label == "WF 5 mm")
        #expect(summary([3, 5, 7], [3, 5, 7]).right == "+5.00 —")
        #expect(summary([7], [7, 3]).label == "WF")
        #expect(summary([7], [7, 3]).right == "+7.00 —  (7 mm)")
        #expect(summary([7], [7, 3]).left == "+3.00 —  (3 mm)")
        #expect(summary([7], []).label == "WF 7 mm")
    }

    @Test func `single shots give way to the representative value`() {
        let summary = ReadingSummary(
            reading(.objectiveRefraction, "REF") {
                [
                    $0(.right, .sphere, "-9") { ($0.statistic, $0.shot) = (.single, 1) },
                    $0(.right, .sphere, "-2.5") { $0.statistic = .median },
                    $0(.right, .cylinder, "0.00") { $0.statistic = .median },
                ]
            }
        )
        #expect(summary.right == "−2.50 sph")
    }

    @Test func `a keratometry shows flat before steep, else the mean`() {
        let both = ReadingSummary(
            reading(.keratometry, "Topo") {
                [
                    $0(.right, .cornealPower, "44.93") { $0.meridian = .steep },
                    $0(.right, .cornealAxis, "88") { $0.meridian = .steep },
                    $0(.right, .cornealPower, "43.58") { $0.meridian = .flat },
                    $0(.right, .cornealAxis, "178") { $0.meridian = .flat },
                    $0(.left, .cornealPower, "44.26") { $0.meridian = .average },
                ]
            }
        )
        #expect(both.right == "K 43.58 D @ 178° / 44.93 D @ 88°")
        #expect(both.left == "K 44.26 D")
    }

    @Test func `pressure, thickness and acuity have their own lines`() {
        let pressure = ReadingSummary(
            reading(.tonometry, "Tono") { [$0(.right, .intraocularPressure, "16.33") { _ in }] },
            notation: Notation(decimalMark: .comma)
        )
        #expect(pressure.right == "16,3 mmHg")
        let thickness = ReadingSummary(
            reading(.pachymetry, "Pachy") {
                [$0(.left, .centralCornealThickness, "549.2") { _ in }]
            }
        )
        #expect(thickness.left == "549 µm")
        let acuity = ReadingSummary(
            reading(.visualAcuity, "Unaided Data") {
                [$0(.left, .visualAcuity, "0.3") { $0.distance = .far }]
            }
        )
        #expect(acuity.left == "VA 0.3")
        #expect(acuity.right == nil && acuity.both == nil)
    }

    @Test func `a median and an average, or two lights, never stand in one line`() {
        let summary = ReadingSummary(
            reading(.objectiveRefraction, "REF") { make in
                [
                    make(.right, .sphere, "-1.00") { $0.statistic = .average },
                    make(.right, .sphere, "-2.00") { $0.statistic = .median },
                    make(.right, .cylinder, "-0.50") { $0.statistic = .average },
                    make(.left, .sphere, "-3.00") { $0.lighting = .mesopic },
                    make(.left, .sphere, "-4.00") { $0.lighting = .photopic },
                ]
            }
        )
        #expect(summary.right == "−2.00 —")
        #expect(summary.left == "−4.00 —")
    }

    @Test func `a pressure that the device corrected is not shown as measured`() {
        let summary = ReadingSummary(
            reading(.tonometry, "TM") { make in
                [
                    make(.right, .intraocularPressure, "19") { $0.corrected = true },
                    make(.right, .intraocularPressure, "16") { _ in },
                ]
            }
        )
        #expect(summary.right == "16 mmHg")
    }

    private typealias Make = (
        Eye, Quantity, String, (inout ReadingValue) -> Void
    ) -> ReadingValue

    private func reading(
        _ kind: ReadingKind,
        _ label: String,
        _ values: (Make) -> [ReadingValue]
    ) -> Reading {
        let made = values { eye, quantity, text, qualify in
            var value = ReadingValue(
                eye: eye,
                quantity: quantity,
                value: ExactDecimal(text),
                unit: .one
            )
            qualify(&value)
            return value
        }
        return Reading(
            kind: kind,
            label: label,
            role: .measured,
            device: DeviceIdentity(),
            measuredAt: nil,
            patient: DevicePatient(),
            values: made,
            problems: [],
            document: DocumentReference(
                sha256: Digest256(zeros: ()),
                format: nil,
                bytes: 0,
                name: ""
            )
        )
    }
}
