import DeviceFormats
import Shared

/// The lines that `clinic-agent decode` prints, as a pure function of the documents.
///
/// One line of JSON per reading or failure, or tables for a person.
package struct DecodeReport {
    /// How the readings are printed.
    package enum Form: Sendable {
        case json, table
    }

    /// The status that the command ends with after a failure: EX_DATAERR of sysexits(3).
    package static let failureStatus: Int32 = 65

    private let form: Form
    /// True once a document could not be decoded: the command then ends with status 65.
    package private(set) var hasFailures = false

    /// A report without lines yet.
    package init(_ form: Form) {
        self.form = form
    }

    /// Decodes one folder's documents and joins right and left eyes; the lines to print.
    package mutating func lines(for documents: [FoundDocument]) -> [String] {
        var items: [Item] = []
        var places: [ReadingPairing: [Int]] = [:]
        for found in documents {
            switch decode(found) {
            case .failure(let failure):
                hasFailures = true
                items.append(.failure(failure))
            case .success(let readings):
                if readings.isEmpty { items.append(.nothing(path: found.path)) }
                for decoded in readings { add(decoded, to: &items, &places) }
            }
        }
        return items.flatMap(print)
    }

    /// A reading or a failure in the order of the files.
    private enum Item {
        case reading(Reading)
        case failure(DecodeFailure)
        /// A document that was understood and holds no measurement.
        case nothing(path: String)
    }

    private func decode(_ found: FoundDocument) -> Result<[DecodedReading], DecodeFailure> {
        switch found.content {
        case .failure(let failure): return .failure(DecodeFailure(failure, found))
        case .success(let document):
            do throws(DocumentFailure) {
                return .success(try DeviceFormats.decode(document).readings)
            } catch {
                return .failure(DecodeFailure(error, found))
            }
        }
    }

    private func add(
        _ decoded: DecodedReading,
        to items: inout [Item],
        _ places: inout [ReadingPairing: [Int]]
    ) {
        guard let pairing = decoded.pairing else { return items.append(.reading(decoded.reading)) }
        for place in places[pairing] ?? [] {
            guard case .reading(let earlier) = items[place],
                let joined = DeviceFormats.joined(earlier, with: decoded.reading)
            else { continue }
            items[place] = .reading(joined)
            return
        }
        places[pairing, default: []].append(items.count)
        items.append(.reading(decoded.reading))
    }

    private func print(_ item: Item) -> [String] {
        switch (form, item) {
        case (.json, .reading(let reading)): [json(reading)]
        case (.json, .failure(let failure)): [json(failure)]
        case (.json, .nothing): []
        case (.table, .reading(let reading)): DecodeTable.lines(for: reading)
        case (.table, .failure(let failure)): DecodeTable.lines(for: failure)
        case (.table, .nothing(let path)): DecodeTable.lines(forNothingIn: path)
        }
    }

    /// Text and numbers alone: encoding them cannot fail.
    private func json(_ value: some Encodable) -> String {
        let bytes = try? JSON.encode(value)
        return String(decoding: bytes ?? [], as: UTF8.self)
    }
}

/// A document that gave no reading, as it is printed.
struct DecodeFailure: Error, Encodable {
    /// The document as far as it is known; a file that was not read has no digest.
    struct Document: Encodable {
        var sha256: Digest256?
        var format: String?
        var bytes: Int?
        var name: String
    }

    let error: DocumentFailure
    let document: Document
    /// Where the file was found; not part of the JSON.
    let path: String
    /// What went over a serial line, as lines for a person; not part of the JSON.
    let replay: [String]

    private enum CodingKeys: CodingKey { case error, document }

    init(_ failure: DocumentFailure, _ found: FoundDocument) {
        error = failure
        path = found.path
        switch found.content {
        case .success(let content):
            replay = RecordingTable.lines(for: content)
            let reference = DeviceFormats.reference(to: content)
            document = Document(
                sha256: reference.sha256,
                format: reference.format,
                bytes: reference.bytes,
                name: reference.name
            )
        case .failure:
            replay = []
            let name = found.path.split(separator: "/").last.map(String.init) ?? found.path
            document = Document(bytes: found.bytes, name: name)
        }
    }
}
