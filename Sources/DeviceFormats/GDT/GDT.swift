import Shared

/// GDT 2.1, the line format in which practice systems and the programs around devices exchange
/// patients and results.
///
/// A result (6310) gives one reading; requests and patients (6300, 6301, 6302, 6311) are
/// understood and give none. See the README beside this file.
enum GDT: DocumentFormat {
    static let name = "gdt"
    static let decoderVersion = 1
    static let maximumBytes = 256 * 1024

    static func recognises(_ document: DeviceDocument) -> Bool {
        // Three digits of length, then the field that every record begins with.
        let head = document.bytes.prefix(7)
        return head.prefix(3).allSatisfy { (48...57).contains($0) }
            && "8000".utf8.starts(with: head.dropFirst(3))
    }

    static func completeness(of document: DeviceDocument) -> Completeness {
        switch GDTRecord.length(of: document.bytes) {
        case .unknown: .incomplete
        case .missing: .undecidable
        case .bytes(let count): document.bytes.count < count ? .incomplete : .complete
        }
    }

    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference
    ) throws(DocumentFailure) -> [DecodedReading] {
        try decode(document, as: reference, with: DecodingTables())
    }

    static func decode(
        _ document: DeviceDocument,
        as reference: DocumentReference,
        with tables: DecodingTables
    ) throws(DocumentFailure) -> [DecodedReading] {
        let record = try GDTRecord(document.bytes)
        guard record.kind == "6310" else {
            // A request is whole or an error, and never a measurement.
            _ = try GDTRequest(record)
            return []
        }
        let header = try ExamHeader(gdt: record, fileName: document.name)
        guard let block = try GDTResult(record, tables.gdt).block() else { return [] }
        return [DecodedReading(reading: block.reading(header, reference), pairing: nil)]
    }
}

extension ExamHeader {
    /// Reads sender, time and patient.
    init(gdt record: GDTRecord, fileName: String) throws(DocumentFailure) {
        device = DeviceIdentity(model: try record.text("8316"))
        measuredAt = try GDTDate.time(record.text("6200"), record.text("6201"))
        patient = try DevicePatient(gdt: record)
        if let number = patient.number {
            let isNamed = patient.familyName != nil || patient.givenName != nil
            patient.numberIsCounter =
                PatientCounter.isCounter(number, isNamed: isNamed, fileName: fileName)
        }
        problems = record.lines.filter(\.isDamaged).map { line in
            ReadingProblem(.lineDamaged, detail: "line \(line.number), field \(line.field)")
        }
    }
}

extension DevicePatient {
    /// Reads number, names, birth date and sex; every part that is absent or empty is nil.
    init(gdt record: GDTRecord) throws(DocumentFailure) {
        let sex = try record.text("3110")
        self.init(
            number: try record.text("3000"),
            familyName: try record.text("3101"),
            givenName: try record.text("3102"),
            birthDate: try record.text("3103").flatMap(GDTDate.date),
            sex: sex.map { ["1": "M", "2": "F"][$0] ?? $0 }
        )
    }
}

/// Dates and times without separators.
enum GDTDate {
    /// Reads `DDMMYYYY`; nil for anything else.
    static func date(_ text: String) -> CalendarDate? {
        guard let digits = digits(text, 8) else { return nil }
        return CalendarDate(
            year: digits % 10_000,
            month: digits / 10_000 % 100,
            day: digits / 1_000_000
        )
    }

    /// Reads `DDMMYYYY` and `HHMMSS`; nil where either is absent or unreadable.
    static func time(_ date: String?, _ time: String?) -> LocalTime? {
        guard let date = date.flatMap(Self.date), let time = time.flatMap({ digits($0, 6) })
        else { return nil }
        return LocalTime(
            date: date,
            hour: time / 10_000,
            minute: time / 100 % 100,
            second: time % 100
        )
    }

    private static func digits(_ text: String, _ count: Int) -> Int? {
        guard text.utf8.count == count, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
