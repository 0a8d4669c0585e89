// What `Reading+JSONText.swift` writes, read back. Whoever uses it writes the value again and
// compares, so that a slip here costs time and never changes what was measured.

extension Reading {
    /// Reads what `write(to:)` writes.
    package init(from reader: inout JSONTextReader) throws(JSONTextReader.Unfamiliar) {
        self = try reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let device = try reader.member("device", DeviceIdentity.init(from:))
            let document = try reader.member("document", DocumentReference.init(from:))
            let kind: ReadingKind = try reader.word("kind")
            let label = try reader.text("label")
            let measuredAt = try reader.optionalValue("measuredAt") { LocalTime($0) }
            let others = try reader.optionalArray(
                "otherDocuments",
                DocumentReference.init(from:)
            )
            let patient = try reader.member("patient", DevicePatient.init(from:))
            let problems = try reader.array("problems", ReadingProblem.init(from:))
            return Reading(
                kind: kind,
                label: label,
                role: try reader.word("role"),
                device: device,
                measuredAt: measuredAt,
                patient: patient,
                values: try reader.array("values", ReadingValue.init(from:)),
                problems: problems,
                document: document,
                otherDocuments: others
            )
        }
    }
}

extension DeviceIdentity {
    fileprivate init(from reader: inout JSONTextReader) throws(JSONTextReader.Unfamiliar) {
        self = try reader.object { reader throws(JSONTextReader.Unfamiliar) in
            DeviceIdentity(
                manufacturer: try reader.optionalText("manufacturer"),
                model: try reader.optionalText("model"),
                serial: try reader.optionalText("serial"),
                software: try reader.optionalText("software")
            )
        }
    }
}

extension DocumentReference {
    fileprivate init(from reader: inout JSONTextReader) throws(JSONTextReader.Unfamiliar) {
        self = try reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let bytes: Int = try reader.integer("bytes")
            let format = try reader.optionalText("format")
            let name = try reader.text("name")
            return DocumentReference(
                sha256: try reader.value("sha256") { Digest256(hexadecimal: $0) },
                format: format,
                bytes: bytes,
                name: name
            )
        }
    }
}

extension DevicePatient {
    fileprivate init(from reader: inout JSONTextReader) throws(JSONTextReader.Unfamiliar) {
        self = try reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let birthDate = try reader.nullableText("birthDate")
            let day = birthDate.flatMap { CalendarDate($0) }
            guard (day == nil) == (birthDate == nil) else { throw JSONTextReader.Unfamiliar() }
            let familyName = try reader.nullableText("familyName")
            let givenName = try reader.nullableText("givenName")
            return DevicePatient(
                number: try reader.nullableText("number"),
                numberIsCounter: try reader.flag("numberIsCounter"),
                familyName: familyName,
                givenName: givenName,
                birthDate: day,
                sex: try reader.nullableText("sex")
            )
        }
    }
}

extension ReadingProblem {
    fileprivate init(from reader: inout JSONTextReader) throws(JSONTextReader.Unfamiliar) {
        self = try reader.object { reader throws(JSONTextReader.Unfamiliar) in
            let code: ProblemCode = try reader.word("code")
            let detail = try reader.optionalText("detail")
            var problem = ReadingProblem(
                code,
                eye: try reader.optionalWord("eye"),
                quantity: try reader.optionalWord("quantity"),
                detail: detail
            )
            problem.severity = try reader.word("severity")
            return problem
        }
    }
}

extension ReadingValue {
    fileprivate init(from reader: inout JSONTextReader) throws(JSONTextReader.Unfamiliar) {
        self = try reader.object { reader throws(JSONTextReader.Unfamiliar) in
            var value = ReadingValue(eye: .both, quantity: .sphere, value: nil, unit: .one)
            value.base = try reader.optionalWord("base")
            value.corrected = try reader.optionalFlag("corrected")
            value.derived = try reader.optionalFlag("derived")
            value.distance = try reader.optionalWord("distance")
            value.distanceCm = try reader.optionalValue("distanceCm") { ExactDecimal($0) }
            value.eye = try reader.word("eye")
            value.lighting = try reader.optionalWord("lighting")
            value.meridian = try reader.optionalWord("meridian")
            value.path = try reader.optionalText("path")
            value.quantity = try reader.word("quantity")
            value.raw = try reader.optionalText("raw")
            value.shot = try reader.optionalInteger("shot")
            value.statistic = try reader.optionalWord("statistic")
            value.text = try reader.optionalText("text")
            value.unit = try reader.word("unit")
            value.value = try reader.optionalValue("value") { ExactDecimal($0) }
            value.zone = try reader.optionalInteger("zone")
            return value
        }
    }
}
