import Shared
import Testing

@testable import Hub

struct ValueTableTests {
    @Test func `values are grouped by circumstance, right beside left`() {
        let table = ValueTable([
            SampleReading.value(.right, .sphere, "-2.25") {
                $0.distance = .far
                $0.distanceCm = 500
            },
            SampleReading.value(.left, .sphere, "-1.75") {
                $0.distance = .far
                $0.distanceCm = 500
            },
            SampleReading.value(.right, .sphere, "-0.50") { $0.distance = .near },
            SampleReading.value(.both, .pupillaryDistance, "63.5", .millimetre),
        ])
        #expect(table.groups.map(\.title) == ["Far, 500 cm", "Near", nil])
        let far = table.groups[0].rows[0]
        #expect(far.name == "Sphere")
        #expect(far.cells.map { $0.values.map(\.text) } == [["−2.25"], ["−1.75"], []])
        #expect(far.cells.map(\.isAbsent) == [false, false, false])
        let near = table.groups[1].rows[0]
        #expect(near.cells.map(\.isAbsent) == [false, true, false])
        let distance = table.groups[2].rows[0]
        #expect(distance.cells.map { $0.values.map(\.text) } == [[], [], ["63.5 mm"]])
        #expect(distance.cells.map(\.isAbsent) == [false, false, false])
    }

    @Test func `every value leads to its place, exact and with the device's text`() {
        let table = ValueTable([
            SampleReading.value(.right, .axis, "62", .degree) {
                $0.zone = 3
                $0.raw = "1.08211"
                $0.path = "[RESULTS]/R_3"
            },
            SampleReading.value(.right, .sphere, "-4.392531") { $0.zone = 3 },
            SampleReading.value(.right, .addition, "1.75") { $0.derived = true },
        ])
        #expect(table.places.map(\.anchor) == ["v1", "v2", "v3"])
        #expect(table.places[0].raw == "1.08211")
        #expect(table.places[0].path == "[RESULTS]/R_3")
        #expect(table.places[0].circumstances == "3 mm zone")
        #expect(table.places[1].exact == "−4.392531")
        #expect(table.places[2].path == "computed from the values above")
        let shown = table.groups.flatMap(\.rows).flatMap(\.cells).flatMap(\.values)
        #expect(Set(shown.map(\.anchor)) == ["v1", "v2", "v3"])
        #expect(shown.first { $0.anchor == "v2" }?.exact == "−4.392531 D, 3 mm zone")
        #expect(shown.first { $0.anchor == "v3" }?.mark == "computed")
    }

    @Test func `two values of one eye under the same circumstances are both shown`() {
        let table = ValueTable([
            SampleReading.value(.right, .sphere, "1.00"),
            SampleReading.value(.right, .sphere, "2.00"),
        ])
        #expect(table.groups[0].rows[0].cells[0].values.map(\.text) == ["+1.00", "+2.00"])
    }
}
