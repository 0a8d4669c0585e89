import Shared

/// A reading as lines for a terminal: who and what, then one aligned line per value.
enum DecodeTable {
    /// The lines of one reading, an empty one last.
    static func lines(for reading: Reading) -> [String] {
        let names = reading.documents.map { TerminalText.safe($0.name) }.joined(separator: " + ")
        let summary = ReadingSummary(reading)
        var lines = [names, "  \(title(of: reading))", "  patient \(patient(of: reading.patient))"]
        lines += [("R", summary.right), ("L", summary.left), ("B", summary.both)].compactMap {
            (eye, text) in text.map { "  \(eye)  \(TerminalText.safe($0))" }
        }
        lines += aligned(reading.values.map(cells)).map { "    \($0)" }
        lines += reading.problems.map { "  \($0.severity.rawValue): \(problem($0))" }
        return lines + [""]
    }

    /// The lines of a document that could not be decoded, an empty one last.
    static func lines(for failure: DecodeFailure) -> [String] {
        let place = failure.error.at.map { " (\($0))" } ?? ""
        return [
            TerminalText.safe(failure.path),
            "  \(failure.error.code): \(failure.error.detail)\(TerminalText.safe(place))",
            "",
        ] + failure.replay
    }

    /// The lines of a document without a measurement, an empty one last.
    static func lines(forNothingIn path: String) -> [String] {
        [TerminalText.safe(path), "  no measurement", ""]
    }

    private static func title(of reading: Reading) -> String {
        let device = [reading.device.manufacturer, reading.device.model, reading.device.serial]
            .compactMap(\.self).joined(separator: " ")
        let parts = [
            reading.label, reading.kind.rawValue, reading.role.rawValue, device,
            reading.measuredAt?.description ?? Notation.absent,
        ]
        return parts.filter { !$0.isEmpty }.map(TerminalText.safe).joined(separator: " · ")
    }

    private static func patient(of patient: DevicePatient) -> String {
        let name = [patient.familyName, patient.givenName].compactMap(\.self)
            .joined(separator: ", ")
        let number = patient.number.map { patient.numberIsCounter ? "\($0) (counter)" : $0 }
        let parts = [
            number, name.isEmpty ? nil : name, patient.birthDate?.description, patient.sex,
        ]
        let known = parts.compactMap(\.self).map(TerminalText.safe)
        return known.isEmpty ? Notation.absent : known.joined(separator: " · ")
    }

    private static func cells(_ value: ReadingValue) -> [String] {
        let qualifiers: [String?] = [
            value.distance?.rawValue, value.distanceCm.map { "\($0) cm" },
            value.zone.map { "\($0) mm zone" }, value.meridian?.rawValue,
            value.lighting?.rawValue, value.corrected == true ? "corrected" : nil,
            value.statistic?.rawValue, value.shot.map { "shot \($0)" }, value.base?.rawValue,
            value.derived == true ? "derived" : nil, value.raw.map { "raw \($0)" },
        ]
        return [
            value.eye.rawValue, value.quantity.rawValue,
            value.value?.text ?? value.text ?? Notation.absent, value.unit.rawValue,
            qualifiers.compactMap(\.self).joined(separator: ", "), value.path ?? "",
        ].map(TerminalText.safe)
    }

    private static func problem(_ problem: ReadingProblem) -> String {
        [
            problem.code.rawValue, problem.eye?.rawValue, problem.quantity?.rawValue,
            problem.detail.map { "\"\($0)\"" },
        ].compactMap(\.self).map(TerminalText.safe).joined(separator: " ")
    }

    /// Pads every column to its longest cell; the third, the number, on its left.
    private static func aligned(_ rows: [[String]]) -> [String] {
        guard let columns = rows.first?.count else { return [] }
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 2 ? blanks + cell.0 : cell.0 + blanks
            }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}

/// Text of a stranger, made safe for a terminal.
enum TerminalText {
    /// Control characters, and those that turn the direction of text, become visible escapes.
    static func safe(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if isHidden(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        default: false
        }
    }
}
