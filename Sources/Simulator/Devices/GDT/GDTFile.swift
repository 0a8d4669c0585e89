import Shared

/// A GDT 2.1 record: lines of a length, a field number and a content, ended by CRLF.
struct GDTFile {
    let patient: SimulatedPatient
    let result: GDTResult
    /// Counts the records of one sender.
    let counter: Int

    func file() -> SimulatedFile {
        // Receiver and sender, and a counter behind the point.
        SimulatedFile(path: ["PRAXGATE.\(padded(counter, 3))"], bytes: bytes())
    }

    private func bytes() -> [UInt8] {
        // The record's length counts the line that holds it.
        let head = line("8000", "6310")
        let body = fields.flatMap { line($0.0, $0.1) }
        let total = head.count + line("8100", "00000").count + body.count
        return head + line("8100", padded(total, 5)) + body
    }

    private var fields: [(String, String)] {
        var fields = [("8315", "PRAX_EDV"), ("8316", "GATEWAY1")]
        switch result.charset {
        case .codePage437: fields.append(("9206", "2"))
        case .latin1: fields.append(("9206", "3"))
        case .unsaid: break
        }
        fields += [
            ("9218", "02.10"), ("3000", patient.number), ("3101", patient.familyName),
            ("3102", patient.givenName),
        ]
        if let birth = patient.birthDate { fields.append(("3103", Self.day(birth))) }
        if let sex = patient.sex { fields.append(("3110", sex == .male ? "1" : "2")) }
        fields.append(("6200", Self.day(result.time.date)))
        fields.append(("6201", VisionixText.clock(result.time, separator: "")))
        return fields + measured
    }

    private var measured: [(String, String)] {
        switch result.content {
        case .pressures(let eyes):
            return [("8402", "OPTO06")]
                + [(Side.right, "rechts"), (.left, "links")].flatMap { side, word in
                    [
                        ("8410", "IOP_\(side.letter)"), ("8411", "Augendruck \(word)"),
                        ("8420", Rounding.fixed(eyes[side], decimals: 1)), ("8421", "mmHg"),
                    ]
                }
        case .refraction(let eyes, let addition, let pupils):
            return [("8402", "OPTO01")]
                + Side.allCases.map { side in
                    let lens = eyes[side]
                    let power =
                        "\(side.letter).:S=\(Self.spaced(lens.sphere))"
                        + " Z=\(Self.spaced(lens.cylinder))*\(Self.blanks(String(lens.axis), 3))"
                    let near = addition.map { " A=\(Self.spaced($0))" } ?? ""
                    let both =
                        side == .right
                        ? " PD= \(Rounding.fixed(pupils / 10, decimals: 1)) VD= 12.00" : ""
                    return ("6228", power + near + both)
                }
        }
    }

    private func line(_ field: String, _ content: String) -> [UInt8] {
        let bytes =
            result.charset == .latin1
            ? LegacyText.latin1(content) : LegacyText.codePage437(content)
        // Three digits, four, and the line's end.
        return Array("\(padded(bytes.count + 9, 3))\(field)".utf8) + bytes + [13, 10]
    }

    private static func day(_ date: CalendarDate) -> String {
        padded(date.day, 2) + padded(date.month, 2) + padded(date.year, 4)
    }

    /// A sign, a blank and the number: `- 0.25`.
    private static func spaced(_ hundredths: Int) -> String {
        (hundredths < 0 ? "-" : "+") + blanks(Rounding.fixed(abs(hundredths), decimals: 2), 5)
    }

    private static func blanks(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
