import Shared
import Testing

@testable import DeviceFormats

@Suite struct JoiningTests {
    @Test func `two eyes of one act are one reading, the right document first`() throws {
        let right = try reading("RightWF_Meas_1.txt")
        let left = try reading("LeftWF_Meas_1.txt", time: "14:06:20")
        for joined in [
            DeviceFormats.joined(right, with: left), DeviceFormats.joined(left, with: right),
        ] {
            let joined = try #require(joined)
            #expect(joined.document == right.document)
            #expect(joined.otherDocuments == [left.document])
            #expect(joined.values == right.values + left.values)
            #expect(joined.problems == [ReadingProblem(.planeUnknown)])
            #expect(joined.measuredAt?.description == "2027-03-09T14:05:51")
        }
    }

    @Test func `a later document replaces its own eye and leaves the other`() throws {
        let right = try reading("RightWF_Meas_1.txt", axis: "-1000")
        let left = try reading("LeftWF_Meas_1.txt")
        let corrected = try reading("RightWF_Meas_1.txt", sphere: "-2")
        let both = try #require(DeviceFormats.joined(right, with: left))
        #expect(both.isRejected)
        let joined = try #require(DeviceFormats.joined(both, with: corrected))
        #expect(joined.values == corrected.values + left.values)
        #expect(joined.documents == [corrected.document, left.document])
        #expect(!joined.isRejected)
    }

    @Test func `a document of one eye alone is replaced whole`() throws {
        let earlier = try reading("RightWF_Meas_1.txt")
        let later = try reading("RightWF_Meas_1.txt", sphere: "-2")
        #expect(DeviceFormats.joined(earlier, with: later) == later)
    }

    @Test func `a binocular problem leaves with the document that it stood in`() throws {
        let right = try reading("RightWF_Meas_1.txt", pupils: "86")
        let left = try reading("LeftWF_Meas_1.txt")
        let corrected = try reading("RightWF_Meas_1.txt")
        let both = try #require(DeviceFormats.joined(right, with: left))
        #expect(both.isRejected)
        #expect(try #require(DeviceFormats.joined(both, with: corrected)).isRejected == false)
        let kept = try #require(DeviceFormats.joined(both, with: left))
        #expect(kept.isRejected)
    }

    @Test(
        arguments: [
            ["Surname=MARTIN", "Firstname=Jeanne", "BirthDate=02/07/1991", "Sex=F"],
            ["Surname=MARTINEZ", "Firstname=Jean", "BirthDate=02/07/1991", "Sex=F"],
            ["Surname=DUPONT-MARTIN", "Firstname=Jean", "BirthDate=02/07/1991", "Sex=F"],
            ["Surname=MARTIN", "Firstname=Jean", "BirthDate=07/02/1991", "Sex=F"],
            ["Surname=MARTIN", "Firstname=Jean", "Sex=F"],
            ["Surname=MARTIN", "Firstname=Jean", "BirthDate=02/07/1991", "Sex=M"],
            ["Surname=Martin", "Firstname=Jean", "BirthDate=02/07/1991", "Sex=F"], [],
        ]
    )
    func `look-alike people are never joined`(patient: [String]) throws {
        let jean = ["Surname=MARTIN", "Firstname=Jean", "BirthDate=02/07/1991", "Sex=F"]
        let right = try reading("RightWF_Meas_1.txt", patient: jean)
        let left = try reading("LeftWF_Meas_1.txt", patient: patient)
        #expect(DeviceFormats.joined(right, with: left) == nil)
        #expect(DeviceFormats.joined(left, with: right) == nil)
        let own = try reading("LeftWF_Meas_1.txt", patient: jean)
        #expect(DeviceFormats.joined(right, with: own) != nil)
    }

    @Test func `another act, kind or file of the same eye is not joined`() throws {
        let right = try reading("RightWF_Meas_1.txt")
        let late = try reading("LeftWF_Meas_1.txt", time: "14:35:52")
        #expect(DeviceFormats.joined(right, with: late) == nil)
        #expect(DeviceFormats.joined(right, with: try reading("rightwf_meas_1.txt")) == nil)
        var other = try reading("LeftWF_Meas_1.txt")
        other.kind = .keratometry
        #expect(DeviceFormats.joined(right, with: other) == nil)
        other = try reading("LeftWF_Meas_1.txt")
        other.device.model = "L80"
        #expect(DeviceFormats.joined(right, with: other) == nil)
        other = try reading("LeftWF_Meas_1.txt")
        other.measuredAt = nil
        #expect(DeviceFormats.joined(right, with: other) == nil)
    }

    @Test func `pressures of two files that lie far apart are told until one is replaced`() throws {
        func tonometry(_ name: String, _ average: String) throws -> Reading {
            let file = ExamFile(name: name, lines: ["[MEASURE]", "Average=\(average)"])
            return try #require(try DeviceFormats.decode(file.document).readings.first?.reading)
        }
        let right = try tonometry("RightTono_Meas_1.txt", "12.33")
        let left = try tonometry("LeftTono_Meas_1.txt", "18.67")
        let both = try #require(DeviceFormats.joined(right, with: left))
        let told = ReadingProblem(
            .valueUnusual,
            eye: .both,
            quantity: .intraocularPressure,
            detail: "12.33 18.67"
        )
        #expect(both.problems == [told])
        let again = try tonometry("LeftTono_Meas_1.txt", "18.33")
        #expect(DeviceFormats.joined(both, with: again)?.problems == [])
    }

    private func reading(
        _ name: String,
        sphere: String = "-1",
        axis: String = "1",
        pupils: String = "62",
        time: String = "14:05:51",
        patient: [String]? = nil
    ) throws -> Reading {
        var file = ExamFile.wavefront(sphere, "-0.5", axis)
        file.lines = ["[GENERAL]", "Pd=\(pupils)"] + file.lines
        file.name = name
        file.time = ["CurrentDate=9 Mar 2027", "CurrentTime=\(time)"]
        if let patient { file.patient = patient }
        return try #require(try DeviceFormats.decode(file.document).readings.first?.reading)
    }
}
