@testable import DeviceFormats

/// Builds Visionix files from lines, for tests that bend one thing at a time.
struct ExamFile {
    var name = "RightWF_Meas_1.txt"
    var patient = ["Surname=PROBE", "Firstname=Lena", "BirthDate=02/07/1991", "Sex=F"]
    var time = ["CurrentDate=9 Mar 2027", "CurrentTime=14:05:51"]
    var folders = ["PROBE#Lena", "9 Mar 2027#14-05-51", "WF"]
    var lines: [String]

    /// A wavefront with one zone.
    static func wavefront(_ sphere: String, _ cylinder: String, _ axis: String) -> ExamFile {
        ExamFile(lines: [
            "[SPHERE]", "R_5=\(sphere)", "[CYLINDER]", "R_5=\(cylinder)", "[AXIS]", "R_5=\(axis)",
        ])
    }

    var text: String {
        (["[PATIENT]"] + patient + time + lines).map { "\($0)\r\n" }.joined()
    }

    var document: DeviceDocument {
        DeviceDocument(bytes: Array(text.utf8), name: name, folders: folders)
    }
}
