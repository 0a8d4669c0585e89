import Shared

/// The `Index.txt` of an L80's `ClientDB`: the number of patients, then one sorted line for each,
/// in Latin-1.
package struct ClientIndex: Sendable {
    private var lines: Set<String> = []

    /// Reads what an index file holds; a line that is none is dropped.
    package init(bytes: [UInt8] = []) {
        lines = Set(Self.text(bytes).split(whereSeparator: \.isNewline).map(String.init))
        lines = lines.filter { $0.contains("*") }
    }

    /// Adds a patient; nothing changes where they are known.
    package mutating func insert(_ patient: SimulatedPatient) {
        let family = Names.ascii(patient.familyName)
        let given = Names.ascii(patient.givenName)
        lines.insert("\(family)#\(given)*\(family)%\(given)")
    }

    /// The whole file.
    package var bytes: [UInt8] {
        let sorted = lines.sorted { ($0.lowercased(), $0) < ($1.lowercased(), $1) }
        return LegacyText.latin1(
            ([String(sorted.count)] + sorted).map { $0 + "\n" }.joined()
        )
    }

    /// The patients of an index, read as strictly as the device does; the key is the folder.
    ///
    /// Errors: `Refusal` for a wrong count, another order, a line of another form, or an end that
    /// is missing.
    package static func patients(
        in bytes: [UInt8]
    ) throws(Refusal) -> [(folder: String, patient: SimulatedPatient)] {
        // A device that ends its lines as Windows does is the same device.
        var lines = text(bytes).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.popLast()?.isEmpty == true, !lines.isEmpty else {
            throw Refusal("the index does not end with a line end")
        }
        guard Int(lines.removeFirst()) == lines.count else {
            throw Refusal("the index does not hold as many lines as it says")
        }
        let folded = lines.map { $0.lowercased() }
        guard folded == folded.sorted() else { throw Refusal("the index is not sorted") }
        guard Set(folded).count == folded.count else {
            throw Refusal("the index holds a patient twice")
        }
        var patients: [(folder: String, patient: SimulatedPatient)] = []
        for line in lines {
            let parts = line.split(separator: "*", omittingEmptySubsequences: false)
            let names = parts.last?.split(separator: "%") ?? []
            guard parts.count == 2, names.count == 2, parts[0] == "\(names[0])#\(names[1])" else {
                throw Refusal("a line of the index is not Last#First*Last%First")
            }
            let patient = SimulatedPatient(
                familyName: String(names[0]),
                givenName: String(names[1])
            )
            patients.append((String(parts[0]), patient))
        }
        return patients
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}
