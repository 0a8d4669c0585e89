import Shared

/// A large `ClientDB` of an L80: years of visits, six files each, as old as the visit.
package struct SimulatedTree: Sendable {
    private let patients: Int
    private let seed: UInt64

    /// The largest tree that the register of names allows.
    package static var maximumPatients: Int { SimulatedPatient.registerSize }

    /// `patients` patients, one visit each.
    package init(patients: Int, seed: UInt64) {
        precondition((1...Self.maximumPatients).contains(patients), "the register has its size")
        self.patients = patients
        self.seed = seed
    }

    /// Writes the tree and its index; answers how many files of measurements there are.
    package func write(into folder: String) throws(SimulatorFailure) -> Int {
        let share = ShareWriter(root: folder)
        var index = ClientIndex()
        var count = 0
        for number in 0..<patients {
            let patient = SimulatedPatient(index: number, seed: seed)
            let end = SimulatedDocuments.usualStart.millisecondsAsUTC
            let start = end - Int64(patients - number) * 1_200_000
            let visit = SimulatedVisit(
                number: number,
                patient: patient,
                start: LocalTime(millisecondsAsUTC: start),
                seed: seed,
                plain: true
            )
            for file in visit.files(from: .l80) {
                try share.write(file)
                try share.date(file, at: start)
                count += 1
            }
            index.insert(patient)
        }
        try share.write(SimulatedFile(path: ["Index.txt"], bytes: index.bytes))
        return count
    }
}
