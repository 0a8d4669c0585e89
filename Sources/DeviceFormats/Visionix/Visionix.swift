import Shared

/// The exam files of a Visionix `ClientDB` folder: Windows INI text, one file per eye and exam.
///
/// See the README beside this file.
enum Visionix: DocumentFormat {
    static let name = "visionix"
    static let decoderVersion = 2
    static let maximumBytes = 256 * 1024

    static func recognises(_ document: DeviceDocument) -> Bool {
        let marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF]]
        let mark = marks.first { document.bytes.starts(with: $0) }?.count ?? 0
        let head = document.bytes.dropFirst(mark).prefix(256)
        let first = head.first { $0 != 0 && $0 != 0x20 && $0 != 0x09 && $0 != 0x0D && $0 != 0x0A }
        return first == UInt8(ascii: "[")
    }

    static func completeness(of document: DeviceDocument) -> Completeness {
        // An INI file has no end mark: one that cannot be read yet may still be growing.
        // Whatever a last line without an end counts for, more may still come behind it.
        guard let file = try? VisionixFile(document, acceptsUnterminatedLine: false),
            file.ini.unterminated == nil,
            file.exam.isWhole(file.ini)
        else { return .undecidable }
        return .complete
    }

    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        let file = try VisionixFile(
            document,
            acceptsUnterminatedLine: document.acceptsUnterminatedLine
        )
        let folder = document.folders.joined(separator: "/")
        return try file.exam.blocks(file).map { block in
            let pairing = file.name.number.map {
                ReadingPairing(folder: folder, exam: file.name.exam, number: $0, kind: block.kind)
            }
            return DecodedReading(reading: file.reading(block, reference), pairing: pairing)
        }
    }
}

/// One exam file, read and checked against its name.
struct VisionixFile {
    let ini: INIFile
    let name: VisionixName
    let exam: VisionixExam
    private let fileName: String
    private let isGuessed: Bool

    /// Errors: those of the text and of the INI; `malformed` for a name without an eye, or whose
    /// exam contradicts the content; `truncated` where no exam's section has come yet;
    /// `unsupported` for an exam that is not decoded.
    init(
        _ document: DeviceDocument,
        acceptsUnterminatedLine: Bool
    ) throws(DocumentFailure) {
        let text = try VisionixText(
            document.bytes,
            acceptsUnterminatedLine: acceptsUnterminatedLine
        )
        let ini = try INIFile(text)
        self.ini = ini
        isGuessed = text.isGuessed
        fileName = document.name
        let found = VisionixExam.allCases.filter { $0.matches(ini) }
        guard found.count < 2 else {
            throw DocumentFailure(.malformed, "The file holds the sections of two exams.")
        }
        let isUndecided = ini.sections.allSatisfy(VisionixExam.undecidedSections.contains)
        guard !found.isEmpty || isUndecided else {
            throw DocumentFailure(.unsupported, "No decoder knows this exam.")
        }
        guard let name = VisionixName(document.name) else {
            throw DocumentFailure(.malformed, "The file's name does not say which eye it is.")
        }
        self.name = name
        guard let exam = found.first else {
            throw DocumentFailure(.truncated, "The file ends before the exam's values.")
        }
        guard exam.rawValue == name.exam else {
            throw DocumentFailure(.malformed, "The file's name and its content are of two exams.")
        }
        self.exam = exam
    }

    /// The number of a key, with its problems noted; nil where it was not measured.
    func field(
        _ section: String,
        _ key: String,
        for template: ReadingValue,
        in draft: inout ReadingDraft
    ) -> DeviceField? {
        guard let entry = ini.entry(section, key), let own = entry.value, !own.isEmpty else {
            return nil
        }
        // A vector is none of the single values that are decoded.
        guard !INIFile.isVector(own) else { return nil }
        let path = "\(fileName)/\(entry.section)/\(entry.key)"
        return draft.field(own, at: path, for: template, ofFileOf: name.eye)
    }

    /// The reading of one block, under the file's `[PATIENT]`.
    func reading(_ block: VisionixBlock, _ reference: DocumentReference) -> Reading {
        var draft = block.draft
        if let cut = ini.unterminated {
            let place = "\(cut.section)/\(cut.key)"
            draft.note(ReadingProblem(.lineUnterminated, eye: name.eye, detail: place))
        }
        if isGuessed { draft.note(ReadingProblem(.encodingGuessed, eye: name.eye)) }
        let date = ini.text("PATIENT", "CurrentDate").flatMap(DeviceDate.date)
        return Reading(
            kind: block.kind,
            label: exam.label,
            role: .measured,
            device: DeviceIdentity(manufacturer: "Visionix"),
            measuredAt: DeviceDate.time(date, ini.text("PATIENT", "CurrentTime") ?? ""),
            patient: DevicePatient(
                familyName: ini.text("PATIENT", "Surname"),
                givenName: ini.text("PATIENT", "Firstname"),
                birthDate: ini.text("PATIENT", "BirthDate").flatMap(DeviceDate.date),
                sex: ini.text("PATIENT", "Sex")
            ),
            values: draft.values,
            problems: draft.problems,
            document: reference
        )
    }
}

/// The values of one reading of an exam file.
struct VisionixBlock {
    var kind: ReadingKind
    var draft: ReadingDraft
}
