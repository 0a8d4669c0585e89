import Shared
import Sync
import Testing

/// The fast writer has to give the very bytes of the general one: they are hashed into the chain.
@Suite struct PayloadTests {
    private let hostile =
        "a\"b\\c/d\u{8}\u{9}\u{A}\u{B}\u{C}\u{D}\u{0}\u{1F}\u{7F}é\u{301}𝄞\u{202E}<script>\u{2028}"

    private var fullValue: ReadingValue {
        var value = ReadingValue(
            eye: .both,
            quantity: .sphere,
            value: ExactDecimal("-2.25"),
            unit: .dioptre
        )
        value.text = hostile
        value.statistic = .median
        value.shot = 3
        value.distance = .near
        value.distanceCm = ExactDecimal("40.000")
        value.zone = 5
        value.meridian = .steep
        value.lighting = .mesopic
        value.corrected = true
        value.base = .in
        value.raw = hostile
        value.derived = false
        value.path = "/a[1]/b"
        return value
    }

    private func reading(full: Bool) -> Reading {
        let reference = DocumentReference(
            sha256: Digest256(of: [1, 2]),
            format: full ? "joia" : nil,
            bytes: 12,
            name: hostile
        )
        return Reading(
            kind: .keratometry,
            label: hostile,
            role: .echo,
            device: full
                ? DeviceIdentity(manufacturer: "T", model: hostile, serial: "1", software: "2")
                : DeviceIdentity(),
            measuredAt: full ? LocalTime("2026-11-20T10:14:37.218") : nil,
            patient: full
                ? DevicePatient(
                    number: "4711",
                    numberIsCounter: true,
                    familyName: hostile,
                    givenName: "",
                    birthDate: CalendarDate("1985-03-14"),
                    sex: "F"
                )
                : DevicePatient(),
            values: full
                ? [fullValue, ReadingValue(eye: .left, quantity: .axis, value: nil, unit: .degree)]
                : [],
            problems: full
                ? [
                    ReadingProblem(.shotFailed, eye: .left, quantity: .axis, detail: hostile),
                    ReadingProblem(.valueOutOfRange),
                ] : [],
            document: reference,
            otherDocuments: full ? [reference] : nil
        )
    }

    @Test(arguments: [true, false])
    func `a reading's payload is what the general encoder writes`(full: Bool) throws {
        let fact = ReadingFact(
            id: Sample.identifier(1),
            revision: 2,
            reading: reading(full: full),
            decoderVersion: 3,
            source: hostile,
            workstation: hostile,
            capturedAt: Sample.time
        )
        #expect(try fact.payload == JSON.encode(fact))
    }

    @Test(arguments: [true, false])
    func `a document's payload is what the general encoder writes`(full: Bool) throws {
        let fact = DocumentFact(
            sha256: Digest256(of: [3]),
            bytes: 5,
            name: hostile,
            format: full ? "joia" : nil,
            decoderVersion: full ? 1 : nil,
            source: "s",
            capturedAt: Sample.time,
            modifiedAt: full ? Sample.time : nil,
            failure: full ? DocumentFailure(.malformed, hostile, at: "line 3") : nil,
            content: full ? "AAEC/+==" : nil,
            isPartial: full
        )
        #expect(try fact.payload == JSON.encode(fact))
    }

    @Test func `a failure without a place has no place`() throws {
        var fact = DocumentFact(
            sha256: Digest256(of: [3]),
            bytes: 5,
            name: "n",
            format: nil,
            decoderVersion: nil,
            source: "s",
            capturedAt: Sample.time,
            modifiedAt: nil,
            failure: DocumentFailure(.truncated, "ends early"),
            content: nil
        )
        fact.isPartial = false
        #expect(try fact.payload == JSON.encode(fact))
    }
}
