import Shared
import XML

extension ExamHeader {
    /// Reads what stands above the measurements; every part that is absent or empty is nil.
    init(optic exam: DocumentNode, fileName: String) throws(DocumentFailure) {
        // The software spells it with an a.
        let company = try exam.child(oneOf: ["compagny", "company"])?.element.name
        device = DeviceIdentity(
            manufacturer: try exam.text(company ?? "company"),
            model: try exam.text("model_name"),
            serial: try exam.text("machine_no"),
            software: try exam.text("version")
        )
        let date = try exam.text("date").flatMap(DeviceDate.date)
        measuredAt = DeviceDate.time(date, try exam.text("time") ?? "")
        guard let node = try exam.child("patient") else { return }
        patient = DevicePatient(
            number: try node.text("ID"),
            familyName: try node.text("last_name"),
            givenName: try node.text("first_name"),
            birthDate: try node.text("birthday").flatMap(DeviceDate.date),
            sex: try node.text("gender")
        )
        guard let number = patient.number else { return }
        let isNamed = patient.familyName != nil || patient.givenName != nil
        let isExamNumber = exam.element.children.contains { section in
            section.children(named: "ID").contains { $0.text.trimmingBlanks == number }
        }
        patient.numberIsCounter =
            PatientCounter.isCounter(number, isNamed: isNamed, fileName: fileName)
            // The device numbers its exams; without a name such a number may be no patient's.
            || !isNamed && isExamNumber && number.hasPrefix("0")
    }
}
