import Shared
import Testing

@Suite struct ReadingJSONTests {
    @Test func `a reading has the shape that docs say`() throws {
        var sphere = ReadingValue(
            eye: .right,
            quantity: .sphere,
            value: ExactDecimal("-2.25"),
            unit: .dioptre
        )
        sphere.distance = .far
        sphere.distanceCm = 500
        sphere.path = "/Ophthalmology/R/Sph"
        let reading = Reading(
            kind: .subjectiveRefraction,
            label: "Prescription",
            role: .measured,
            device: DeviceIdentity(manufacturer: "TOPCON", model: "CV-5000"),
            measuredAt: LocalTime("2026-11-20T10:14:37.218"),
            patient: DevicePatient(number: "4711"),
            values: [sphere],
            problems: [ReadingProblem(.shotFailed, eye: .left, detail: "NO CENTER")],
            document: DocumentReference(
                sha256: Digest256(zeros: ()),
                format: "joia",
                bytes: 6120,
                name: "4711.xml"
            )
        )
        let bytes = try JSON.encode(reading)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == [
                    #"{"device":{"manufacturer":"TOPCON","model":"CV-5000"},"#,
                    #""document":{"bytes":6120,"format":"joia","name":"4711.xml","#,
                    #""sha256":"0000000000000000000000000000000000000000000000000000000000000000"},"#,
                    #""kind":"subjectiveRefraction","label":"Prescription","#,
                    #""measuredAt":"2026-11-20T10:14:37.218","#,
                    #""patient":{"birthDate":null,"familyName":null,"givenName":null,"#,
                    #""number":"4711","numberIsCounter":false,"sex":null},"#,
                    #""problems":[{"code":"shotFailed","detail":"NO CENTER","eye":"left","#,
                    #""severity":"warning"}],"role":"measured","#,
                    #""values":[{"distance":"far","distanceCm":"500","eye":"right","#,
                    #""path":"/Ophthalmology/R/Sph","quantity":"sphere","unit":"[diop]","#,
                    #""value":"-2.25"}]}"#,
                ].joined()
        )
        #expect(try JSON.decode(Reading.self, from: bytes) == reading)
    }

    @Test func `words that this version does not know are kept, and unknown problems wait`() throws
    {
        let text = #"{"code":"tooNew","severity":"rejected","quantity":"tearFilm"}"#
        let problem = try JSON.decode(ReadingProblem.self, from: Array(text.utf8))
        #expect(problem.code.rawValue == "tooNew")
        #expect(problem.quantity?.rawValue == "tearFilm")
        #expect(ReadingProblem(ProblemCode(rawValue: "tooNew")).severity == .rejected)
    }

    @Test(
        arguments: [
            ProblemCode.valueOutOfRange, .numberMalformed, .unitUnknown, .axisMissing,
            .checksumUnverified, .transmissionCut, .blockUnknown,
        ]
    )
    func `what may be wrong keeps a reading from use`(code: ProblemCode) {
        #expect(ReadingProblem(code).severity == .rejected)
    }

    @Test(
        arguments: [
            ProblemCode.valueUnusual, .powersDisagree, .meridiansNotPerpendicular, .shotFailed,
            .planeUnknown, .pdAmbiguous, .patientNumberIsCounter, .transposed, .baseUnknown,
            .commaDecimal, .encodingGuessed, .lineUnterminated, .lineDamaged, .testUnknown,
            .clockDrift,
        ]
    )
    func `what is only unusual is a warning`(code: ProblemCode) {
        #expect(ReadingProblem(code).severity == .warning)
    }
}
