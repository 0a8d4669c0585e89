import Shared

/// The JOIA XML file of a CV-5000: tab-indented UTF-8 without a byte order mark.
struct PhoropterFile {
    let patient: SimulatedPatient
    let exam: PhoropterExam

    func file() -> SimulatedFile {
        TopconDocument(
            machine: .cv5000,
            patient: patient,
            identity: exam.identity,
            time: exam.time
        ).file { root in
            SubjectiveBlock(sets: exam.sets, commaLocale: exam.commaLocale).write(&root)
        }
    }
}
