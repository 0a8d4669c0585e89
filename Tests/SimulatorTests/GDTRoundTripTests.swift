import DeviceFormats
import Shared
import Testing

@testable import Simulator

@Suite struct GDTRoundTripTests {
    @Test func `every record of 200 results decodes to what was measured`() throws {
        try check(.gdt) { visit in
            switch visit.gdtResult.content {
            case .pressures(let eyes):
                [ExpectedReading(.tonometry, "OPTO06", pressures(eyes))]
            case .refraction(let eyes, let addition, let pupils):
                [
                    ExpectedReading(
                        .objectiveRefraction,
                        "OPTO01",
                        refraction(eyes, addition, pupils)
                    )
                ]
            }
        } _: { visit, readings in
            let (read, patient) = (readings[0].patient, visit.patient)
            #expect(read.number == patient.number)
            #expect(read.birthDate == patient.birthDate)
            #expect(read.sex == patient.sex?.rawValue)
            // What a code page lacks has lost its accent; what it has is there.
            #expect(read.familyName.map(Names.ascii) == Names.ascii(patient.familyName))
            #expect(read.givenName.map(Names.ascii) == Names.ascii(patient.givenName))
            if visit.gdtResult.charset == .latin1, patient.givenName.contains("é") {
                #expect(read.givenName == patient.givenName)
            }
        }
    }

    @Test func `a line that says a wrong length is never read as if it were right`() throws {
        for fault in [SimulatedFault.lineLength, .noTotal] {
            for file in SimulatedDocuments(device: .gdt, seed: 3).prefix(40) {
                let broken = try #require(fault.applied(to: file, of: .gdt))
                #expect(throws: DocumentFailure.self) {
                    try DeviceFormats.decode(broken.document)
                }
            }
        }
    }

    private func pressures(_ eyes: EyePair<Int>) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            values.add(side.eye, .intraocularPressure, decimal(eyes[side], 1))
        }
        return values
    }

    private func refraction(
        _ eyes: EyePair<ObjectiveLens>,
        _ addition: Int?,
        _ pupils: Int
    ) -> Set<ExpectedValue> {
        var values: Set<ExpectedValue> = []
        for side in Side.allCases {
            values.add(eyes[side], side.eye)
            values.add(side.eye, .addition, addition.map { decimal($0, 2) })
        }
        values.add(.both, .pupillaryDistance, decimal(pupils / 10, 1))
        values.add(.both, .vertexDistance, "12.00")
        return values
    }
}
