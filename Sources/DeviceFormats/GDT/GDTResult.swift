import Shared

/// The values of a result (6310).
struct GDTResult {
    private let record: GDTRecord
    private let table: GDTTestTable

    init(_ record: GDTRecord, _ table: GDTTestTable) {
        self.record = record
        self.table = table
    }

    /// The one reading; nil where nothing was measured.
    ///
    /// Errors: `unsupported` for a test type that the table does not name, or without a value
    /// that can be read; `malformed` where something stands twice.
    func block() throws(DocumentFailure) -> ExamBlock? {
        guard let code = try record.text("8402"),
            let kind = table.kinds[code] ?? table.kinds[code.uppercased()]
        else { throw DocumentFailure(.unsupported, "The table does not name this test type.") }
        var draft = ReadingDraft()
        var fields: [(template: ReadingValue, field: DeviceField)] = []
        var isKnown = false
        for test in try GDTTest.tests(of: record) {
            if test.isDamaged {
                draft.note(ReadingProblem(.numberMalformed, detail: "line \(test.line)"))
                isKnown = true
                continue
            }
            guard let ident = table.idents[test.ident.uppercased()] else {
                draft.note(ReadingProblem(.testUnknown, detail: String(test.ident.prefix(40))))
                continue
            }
            isKnown = true
            let template = ReadingValue(ident)
            if let field = test.field(for: template, in: &draft) {
                fields.append((template, field))
            }
        }
        try draft.append(fields)
        if try GDTFormattedLines(record).append(to: &draft) { isKnown = true }
        draft.notePressureDifference()
        guard isKnown else {
            throw DocumentFailure(.unsupported, "The result holds no value that is decoded.")
        }
        return draft.isEmpty ? nil : ExamBlock(kind: kind, label: code, draft: draft)
    }
}

/// One test of a result: 8410 and what follows it.
struct GDTTest {
    /// What was tested.
    let ident: String
    /// The line that it begins on.
    let line: Int
    private(set) var value: String?
    private(set) var unit: String?
    /// True where a line of the test is not as long as it says.
    private(set) var isDamaged = false

    /// The tests in the order of the record.
    ///
    /// Errors: `malformed` for a value before any ident, or two in one test.
    static func tests(of record: GDTRecord) throws(DocumentFailure) -> [GDTTest] {
        var tests: [GDTTest] = []
        // What stands behind a damaged line may belong to an ident that the line swallowed.
        var isLost = false
        for line in record.lines {
            let isPart = ["8410", "8411", "8420", "8421"].contains(line.field)
            if line.isDamaged {
                isLost = true
                if line.field == "8410" {
                    tests.append(GDTTest(ident: "", line: line.number))
                }
                if isPart { damage(&tests, at: line) }
            } else if line.field == "8410" {
                isLost = false
                tests.append(GDTTest(ident: line.content.trimmingBlanks, line: line.number))
            } else if isLost, isPart {
                damage(&tests, at: line)
            } else if isPart {
                guard !tests.isEmpty, tests[tests.count - 1].take(line) else {
                    throw DocumentFailure(
                        .malformed,
                        "A value or its unit stands twice, or belongs to no test.",
                        at: "line \(line.number)"
                    )
                }
            }
        }
        return tests
    }

    /// Marks the last test; where there is none, a test without an ident stands for the damage.
    private static func damage(_ tests: inout [GDTTest], at line: GDTRecord.Line) {
        if tests.isEmpty { tests.append(GDTTest(ident: "", line: line.number)) }
        tests[tests.count - 1].isDamaged = true
    }

    /// Takes a value, a unit or a label; false where it is there already.
    private mutating func take(_ line: GDTRecord.Line) -> Bool {
        switch line.field {
        case "8420" where value == nil: value = line.content.trimmingBlanks
        case "8421" where unit == nil: unit = line.content.trimmingBlanks
        case "8411": break
        default: return false
        }
        return true
    }

    /// The number in the vocabulary's unit; nil where it was not measured.
    func field(for template: ReadingValue, in draft: inout ReadingDraft) -> DeviceField? {
        guard let value, !value.isEmpty else { return nil }
        let own = unit?.lowercased() ?? ""
        let isMillimetres = template.quantity == .centralCornealThickness && own == "mm"
        guard own.isEmpty || isMillimetres || template.unit.gdtNames.contains(own) else {
            draft.note(
                ReadingProblem(
                    .unitUnknown,
                    eye: template.eye,
                    quantity: template.quantity,
                    detail: String(unit?.prefix(40) ?? "")
                )
            )
            return nil
        }
        let path = "/6310/8410[\(ident)]/8420"
        let field = draft.field(value, at: path, for: template)
        guard template.quantity == .centralCornealThickness else { return field }
        return isMillimetres ? field?.millimetresAsMicrometres : field?.micrometres
    }
}

extension ReadingValue {
    fileprivate init(_ ident: GDTTestTable.Ident) {
        self.init(ident.eye, ident.quantity)
        corrected = ident.corrected == true ? true : nil
        distance = ident.distance
        statistic = ident.statistic
    }
}

extension Unit {
    /// How programs write the unit, in small letters.
    fileprivate var gdtNames: Set<String> {
        switch self {
        case .dioptre: ["d", "dpt", "dpt.", "dptr", "dptr.", "[diop]"]
        case .degree: ["deg", "grad", "\u{B0}"]
        case .millimetre: ["mm"]
        case .micrometre: ["um", "\u{B5}m", "\u{3BC}m"]
        case .millimetreOfMercury: ["mmhg", "mm[hg]"]
        case .one: ["decimal", "dezimal", "dez", "1"]
        case .percent: ["%"]
        case .prismDioptre: ["pdpt", "cm/m", "[p'diop]"]
        default: []
        }
    }
}
