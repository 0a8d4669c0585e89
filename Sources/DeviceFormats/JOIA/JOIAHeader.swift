import Shared

/// What the document says about the device, the time and the patient.
struct JOIAHeader {
    let device: DeviceIdentity
    let measuredAt: LocalTime?
    let patient: DevicePatient

    /// True for a document that this product wrote for a device.
    var isOurs: Bool {
        device.manufacturer == PhoropterImport.company || device.model == PhoropterImport.model
    }

    /// Reads `Common`; every part that is absent or empty is nil.
    init(_ root: JOIANode, fileName: String) throws(DocumentFailure) {
        guard let common = try root.child("Common") else {
            device = DeviceIdentity()
            measuredAt = nil
            patient = DevicePatient()
            return
        }
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
        _ node: JOIANode?,
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

/// Tells a clinic's patient number from one that the device made up; in doubt it is made up,
/// because such a number never matches a patient.
enum PatientCounter {
    /// Judges by the file's name and by the number's form.
    ///
    /// The device names a file `M-Serial0007_…` where no patient was chosen and `4711_…` where one
    /// was. A counter has at most four digits, with zeros in front.
    static func isCounter(_ number: String, isNamed: Bool, fileName: String) -> Bool {
        let name = fileName.lowercased()
        if name.hasPrefix("m-serial") || number.lowercased().hasPrefix("m-serial") { return true }
        guard !isNamed else { return false }
        let digits = number.utf8
        guard digits.count <= 4, digits.allSatisfy({ (48...57).contains($0) }) else { return false }
        return number.hasPrefix("0") || !name.hasPrefix("\(number.lowercased())_")
    }
}
