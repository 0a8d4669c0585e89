@testable import DeviceFormats

/// Builds a phoropter's document with one data set, for tests that bend one thing at a time.
struct PhoropterFile {
    var number = "8052"
    var identifier = "8052"
    var names = "<FirstName/><LastName/><DOB/>"
    var date = "2027-03-09"
    var time = "16:42:05"
    var label = "Prescription"
    var exams: [String] = [exam(right: eye("-1.00", "-0.50", "90"))]
    var measure = "SBJ"
    var name = "8052_20270309_164205731_TOPCON_CV-5000_10117.xml"

    static func eye(
        _ sphere: String,
        _ cylinder: String,
        _ axis: String,
        _ more: String = ""
    ) -> String {
        "<s:Sph unit=\"D\">\(sphere)</s:Sph><s:Cyl unit=\"D\">\(cylinder)</s:Cyl>"
            + "<s:Axis unit=\"deg\">\(axis)</s:Axis>\(more)"
    }

    static func exam(
        _ distance: String = "500.000",
        right: String = "",
        left: String = "",
        more: String = ""
    ) -> String {
        "<s:ExamDistance><s:Distance unit=\"cm\">\(distance)</s:Distance><s:RefractionData>"
            + "<s:R>\(right)</s:R><s:L>\(left)</s:L></s:RefractionData>\(more)</s:ExamDistance>"
    }

    var text: String {
        let address = "http://www.joia.or.jp/standardized/namespaces"
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <Ophthalmology xmlns:c="\(address)/Common" xmlns:s="\(address)/\(measure)">
            <c:Common><c:Company>TOPCON</c:Company><c:ModelName>CV-5000</c:ModelName>
            <c:Date>\(date)</c:Date><c:Time>\(time)</c:Time><c:Patient>
            <c:No.>\(number)</c:No.><c:ID>\(identifier)</c:ID>\(names)</c:Patient></c:Common>
            <s:Measure type="\(measure)"><s:RefractionTest><s:Type No="1">
            <s:TypeName>\(label)</s:TypeName>\(exams.joined())
            </s:Type></s:RefractionTest></s:Measure>
            </Ophthalmology>
            """
    }

    var document: DeviceDocument { DeviceDocument(bytes: Array(text.utf8), name: name) }
}
