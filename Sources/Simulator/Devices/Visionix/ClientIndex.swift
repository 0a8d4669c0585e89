/// The `Index.txt` of an L80's `ClientDB`: the number of patients, then one sorted line for each.
package struct ClientIndex: Sendable {
    private var lines: Set<String> = []

    /// Reads what an index file holds; a line that is none is dropped.
    package init(bytes: [UInt8] = []) {
        let text = String(decoding: bytes, as: UTF8.self)
        lines = Set(
            text.split(whereSeparator: \.isNewline).map(String.init).filter { $0.contains("*") }
        )
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
        return Array(([String(sorted.count)] + sorted).map { $0 + "\n" }.joined().utf8)
    }
}
