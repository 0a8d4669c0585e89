import Shared

extension ExamHeader {
    /// Reads `Common`; every part that is absent or empty is nil.
    init(joia root: DocumentNode, fileName: String) throws(DocumentFailure) {
        guard let common = try root.child("Common") else { return }
        device = DeviceIdentity(
            manufacturer: try common.text("Company"),
            model: try common.text("ModelName"),
            serial: try common.text("MachineNo"),
            software: try common.text("ROMVersion")
        )
        let date = try common.text("Date").flatMap(DeviceDate.yearFirst)
        measuredAt = DeviceDate.time(date, try common.text("Time") ?? "")
        patient = try Self.patient(try common.child("Patient"), fileName: fileName)
    }

    private static func patient(
        _ node: DocumentNode?,
        fileName: String
    ) throws(DocumentFailure) -> DevicePatient {
        guard let node else { return DevicePatient() }
        let number = try node.text("No.")
        let identifier = try node.text("ID")
        var patient = DevicePatient(
            number: identifier ?? number,
            familyName: try node.text("LastName"),
            givenName: try node.text("FirstName"),
            // The form of a filled birth date is not known: only one that cannot be misread.
            birthDate: try node.text("DOB").flatMap(DeviceDate.yearFirst),
            sex: try node.text("Sex")
        )
        guard let chosen = patient.number else { return patient }
        let contradict = number != nil && identifier != nil && number != identifier
        let isNamed = patient.familyName != nil || patient.givenName != nil
        patient.numberIsCounter =
            contradict || PatientCounter.isCounter(chosen, isNamed: isNamed, fileName: fileName)
        return patient
    }
}
