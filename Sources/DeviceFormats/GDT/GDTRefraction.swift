import Shared

extension ReadingDraft {
    /// Adds the structured values, with sphere, cylinder and axis of one eye and distance as one.
    ///
    /// Errors: `malformed` where one value stands twice.
    mutating func append(
        _ fields: [(template: ReadingValue, field: DeviceField)]
    ) throws(DocumentFailure) {
        var seen: Set<ReadingValue> = []
        for (template, _) in fields where !seen.insert(template).inserted {
            throw DocumentFailure(.malformed, "The result holds a value twice.")
        }
        let parts: Set<Quantity> = [.sphere, .cylinder, .axis]
        var done: Set<ReadingValue> = []
        for (template, field) in fields {
            guard parts.contains(template.quantity) else {
                if template.quantity == .pupillaryDistance, template.eye != .both {
                    append(halfPupils: field, as: template)
                } else {
                    append(field, as: template)
                }
                continue
            }
            let whole = template.of(.sphere)
            guard done.insert(whole).inserted else { continue }
            func part(_ quantity: Quantity) -> DeviceField? {
                fields.first { $0.template == template.of(quantity) }?.field
            }
            RefractionTriple(
                sphere: part(.sphere),
                cylinder: part(.cylinder),
                axis: part(.axis)
            ).append(to: &self, as: whole)
        }
    }
}

/// The result lines (6228) in which one practice system writes a refraction:
/// `R.:S=- 0.25 Z=- 0.50*172 A=+ 1.75 PD= 61 VD= 12.00`.
struct GDTFormattedLines {
    private let record: GDTRecord

    init(_ record: GDTRecord) { self.record = record }

    /// Adds the lines of eyes that have no structured refraction; true where there was a line.
    ///
    /// Errors: `malformed` for two lines of one eye.
    func append(to draft: inout ReadingDraft) throws(DocumentFailure) -> Bool {
        let structured = Set(draft.values.filter { $0.quantity == .sphere }.map(\.eye))
        var seen: Set<Eye> = []
        var isKnown = false
        for line in record.lines where line.field == "6228" {
            guard !line.isDamaged else {
                draft.note(ReadingProblem(.numberMalformed, detail: "line \(line.number)"))
                isKnown = true
                continue
            }
            guard let refraction = GDTRefractionLine(line.content) else { continue }
            isKnown = true
            guard seen.insert(refraction.eye).inserted else {
                throw DocumentFailure(
                    .malformed,
                    "The result holds two lines for one eye.",
                    at: "line \(line.number)"
                )
            }
            guard !structured.contains(refraction.eye) else { continue }
            refraction.append(to: &draft)
        }
        return isKnown
    }
}

/// One such line.
struct GDTRefractionLine {
    let eye: Eye
    /// The texts by their letters, `*` being the axis; nil where the line cannot be read.
    private let parts: [String: String]?
    private let text: String

    /// Nil for a line that is no refraction: free text.
    init?(_ line: String) {
        var rest = line.trimmingBlanks[...]
        switch rest.popFirst() {
        case "R": eye = .right
        case "L": eye = .left
        default: return nil
        }
        if rest.first == "." { rest.removeFirst() }
        guard rest.popFirst() == ":" else { return nil }
        rest = rest.drop { $0 == " " }
        guard rest.hasPrefix("S=") || rest.hasPrefix("S =") else { return nil }
        text = line
        parts = Self.parts(of: rest)
    }

    /// Adds the values, or the problem where the line cannot be read.
    func append(to draft: inout ReadingDraft) {
        guard let parts else {
            let detail = String(text.prefix(40))
            draft.note(
                ReadingProblem(.numberMalformed, eye: eye, quantity: .sphere, detail: detail)
            )
            return
        }
        func field(_ key: String, _ quantity: Quantity) -> DeviceField? {
            guard let own = parts[key], !own.isEmpty else { return nil }
            let side = eye == .right ? "R" : "L"
            let path = "/6310/6228[\(side)]/\(key == "*" ? "axis" : key)"
            // A sign and its number stand apart.
            var digits = own
            if let sign = own.first, sign == "+" || sign == "-" {
                digits = "\(sign)\(String(own.dropFirst()).trimmingBlanks)"
            }
            var field = draft.field(digits, at: path, for: ReadingValue(eye, quantity))
            field?.text = own
            if let number = field?.number { field?.raw = number.text == own ? nil : own }
            return field
        }
        let triple = RefractionTriple(
            sphere: field("S", .sphere),
            cylinder: field("Z", .cylinder),
            axis: field("*", .axis)
        )
        triple.append(to: &draft, as: ReadingValue(eye, .sphere))
        let addition = field("A", .addition)
        draft.append(addition, as: ReadingValue(eye, .addition))
        let pupils = field("PD", .pupillaryDistance)
        draft.append(undecidedPupils: pupils, of: eye)
        let vertex = field("VD", .vertexDistance)
        let distance = ReadingValue(.both, .vertexDistance)
        let known = draft.values.contains {
            $0.quantity == .vertexDistance && $0.value?.trimmed == vertex?.number?.trimmed
        }
        if !known { draft.append(vertex, as: distance) }
    }

    /// Every part once, and nothing between them; nil otherwise.
    private static func parts(of line: Substring) -> [String: String]? {
        var rest = line
        var parts: [String: String] = [:]
        while true {
            rest = rest.drop { $0 == " " }
            guard !rest.isEmpty else { return parts }
            let key = String(rest.prefix { $0.isASCII && $0.isLetter })
            rest = rest.dropFirst(key.count).drop { $0 == " " }
            guard ["S", "Z", "A", "PD", "VD"].contains(key), rest.popFirst() == "=",
                parts[key] == nil
            else { return nil }
            parts[key] = take(&rest)
            guard rest.first == "*" else { continue }
            guard key == "Z" else { return nil }
            rest.removeFirst()
            parts["*"] = take(&rest)
        }
    }

    /// The signs, digits, marks and blanks of a number.
    private static func take(_ rest: inout Substring) -> String {
        let text = rest.prefix { " +-.,0123456789".contains($0) }
        rest = rest.dropFirst(text.count)
        return String(text).trimmingBlanks
    }
}
