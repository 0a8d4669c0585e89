package import Shared

extension DeviceFormats {
    /// The time within which the two eyes of one act are measured.
    static let actMilliseconds: Int64 = 30 * 60 * 1000

    /// Joins the two eyes of one act; what the later document holds replaces its own earlier state.
    ///
    /// Nil where the two may belong to different people, acts or devices: any difference in the
    /// patient fields, in kind, label, role or device, or more than half an hour between them.
    package static func joined(_ earlier: Reading, with later: Reading) -> Reading? {
        guard earlier.patient == later.patient, earlier.kind == later.kind,
            earlier.label == later.label, earlier.role == later.role,
            earlier.device == later.device, areClose(earlier.measuredAt, later.measuredAt)
        else { return nil }
        let eyes = Set(later.documents.compactMap { VisionixName($0.name)?.eye })
        let replaced = Set(later.documents.map(\.name))
        let others = earlier.documents.filter { !replaced.contains($0.name) }
        // Two files for one eye: a person sees both.
        guard others.allSatisfy({ !eyes.contains(VisionixName($0.name)?.eye ?? .both) }) else {
            return nil
        }
        guard let kept = remainder(of: earlier, in: others, without: eyes) else { return later }
        let laterIsRight = rank(of: later.document) <= rank(of: kept.document)
        let (first, second) = laterIsRight ? (later, kept) : (kept, later)
        var joined = first
        joined.measuredAt = [first.measuredAt, second.measuredAt].compactMap(\.self)
            .min { $0.millisecondsAsUTC < $1.millisecondsAsUTC }
        joined.values += second.values
        joined.problems += second.problems.filter { !first.problems.contains($0) }
        if let problem = PressureDifference.problem(in: joined.values) {
            joined.problems.append(problem)
        }
        joined.otherDocuments = (first.otherDocuments ?? []) + second.documents
        return joined
    }

    /// What stays of a reading when only `documents` of it do; nil where none does.
    private static func remainder(
        of earlier: Reading,
        in documents: [DocumentReference],
        without eyes: Set<Eye>
    ) -> Reading? {
        var kept = earlier
        guard let first = documents.first else { return nil }
        let names = Set(documents.map(\.name))
        kept.document = first
        kept.otherDocuments = documents.count > 1 ? Array(documents.dropFirst()) : nil
        kept.values = earlier.values.filter { value in
            guard let path = value.path else { return !eyes.contains(value.eye) }
            return names.contains { path.hasPrefix("\($0)/") }
        }
        kept.problems = earlier.problems.filter { problem in
            switch problem.eye {
            case nil: true
            case .both?: kept.values.contains { problem.isAbout($0) }
            case let eye?: !eyes.contains(eye)
            }
        }
        return kept
    }

    private static func areClose(_ first: LocalTime?, _ second: LocalTime?) -> Bool {
        guard let first, let second else { return first == nil && second == nil }
        return abs(first.millisecondsAsUTC - second.millisecondsAsUTC) <= actMilliseconds
    }

    /// Right before left.
    private static func rank(of document: DocumentReference) -> Int {
        VisionixName(document.name)?.eye == .left ? 1 : 0
    }
}

extension ReadingProblem {
    /// True where the problem was found in this very value.
    fileprivate func isAbout(_ value: ReadingValue) -> Bool {
        value.eye == eye && value.quantity == quantity
            && (value.value?.text == detail || value.raw == detail)
    }
}
