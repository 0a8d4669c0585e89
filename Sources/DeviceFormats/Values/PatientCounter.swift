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
