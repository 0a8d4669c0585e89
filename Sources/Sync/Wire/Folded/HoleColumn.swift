import Foundation
import Shared

/// How the values of a column are written.
enum HoleForm: UInt8 {
    /// Each with a line end.
    case text = 0
    /// One, with a line end, that stands in every place.
    case same = 1
    /// 64 lower-case hexadecimal digits as 32 bytes.
    case digest = 2
    /// A lower-case UUID as 16 bytes.
    case identifier = 3
    /// `2026-11-20T09:14:37.218Z` as milliseconds, less those of the value before.
    case instant = 4
    /// Base64 as its length in bytes and the bytes.
    case base64 = 5
}

/// What stood in one hole of a piece, each time that the piece came.
struct HoleColumn {
    /// The values, each with a line end.
    private var text: [UInt8] = []
    private var count = 0
    private var firstLength = 0
    private var areSame = true

    /// Appends a value, in which no line end is.
    mutating func append(_ value: UnsafeBufferPointer<UInt8>) {
        if count == 0 {
            firstLength = value.count
        } else if areSame {
            areSame = value.count == firstLength && text.holds(value, at: 0)
        }
        text.append(contentsOf: value)
        text.append(newline)
        count += 1
    }

    /// Writes the column in the form that takes the fewest bytes and gives back the same ones.
    func write(to sections: inout FoldedSections) {
        let form = write(compactlyTo: &sections)
        sections.forms.append(CollectionOfOne(form.rawValue))
    }

    private func write(compactlyTo sections: inout FoldedSections) -> HoleForm {
        if areSame, count > 1 {
            sections.texts.append(text[...firstLength])
            return .same
        }
        switch firstLength {
        case 64:
            if let bytes = packed(64, { Digest256(hexadecimal: $0) }, \.hexadecimal, \.bytes) {
                sections.bytes.append(bytes)
                return .digest
            }
        case 36:
            if let bytes = packed(36, { Identifier($0) }, \.description, \.bytes) {
                sections.bytes.append(bytes)
                return .identifier
            }
        case 24: if write(instantsTo: &sections.numbers) { return .instant }
        case 128...: if write(base64To: &sections.contents) { return .base64 }
        default: break
        }
        sections.texts.append(text)
        return .text
    }

    /// The values as bytes; nil where one of them would not come back as it was.
    private func packed<Value>(
        _ length: Int,
        _ read: (String) -> Value?,
        _ written: KeyPath<Value, String>,
        _ bytes: KeyPath<Value, [UInt8]>
    ) -> [UInt8]? {
        guard text.count == count * (length + 1) else { return nil }
        var packed: [UInt8] = []
        let areSuch = allSatisfy { value in
            guard let read = read(String(decoding: value, as: UTF8.self)),
                read[keyPath: written].utf8.elementsEqual(value)
            else { return false }
            packed += read[keyPath: bytes]
            return true
        }
        return areSuch ? packed : nil
    }

    /// Whether every value is one of which `body` says so; it ends at the first that is not.
    private func allSatisfy(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        text.withUnsafeBufferPointer { text in
            var start = 0
            while let end = text.firstIndex(of: newline, from: start) {
                guard body(UnsafeBufferPointer(rebasing: text[start..<end])) else { return false }
                start = end + 1
            }
            return true
        }
    }

    private func write(instantsTo numbers: inout FoldedWriter) -> Bool {
        guard text.count == count * 25 else { return false }
        var written = FoldedWriter()
        var last: Int64 = 0
        let areSuch = allSatisfy { value in
            guard let instant = Instant(String(decoding: value, as: UTF8.self)),
                instant.description.utf8.elementsEqual(value)
            else { return false }
            written.signed(instant.milliseconds - last)
            last = instant.milliseconds
            return true
        }
        if areSuch { numbers.append(written.bytes) }
        return areSuch
    }

    private func write(base64To contents: inout FoldedWriter) -> Bool {
        var written = FoldedWriter()
        let areSuch = allSatisfy { value in
            guard let bytes = Self.bytes(ofBase64: value) else { return false }
            written.number(bytes.count)
            bytes.withUnsafeBytes { written.append($0) }
            return true
        }
        if areSuch { contents.append(written.bytes) }
        return areSuch
    }

    /// The bytes of a base64 text; nil where they would not give back the same text.
    ///
    /// Four characters are three bytes, one for one, but for the last four: those are written again.
    private static func bytes(ofBase64 text: UnsafeBufferPointer<UInt8>) -> Data? {
        guard let bytes = Data(base64Encoded: Data(text)),
            text.count == (bytes.count + 2) / 3 * 4
        else { return nil }
        let end = bytes.suffix((bytes.count + 2) % 3 + 1).base64EncodedData()
        return end.elementsEqual(text.suffix(4)) ? bytes : nil
    }
}

/// The sections of a folded push, in the order in which they travel.
///
/// Each has bytes of one sort, so that they compress well.
struct FoldedSections {
    /// Kinds, times, and how many pieces each payload has.
    var operations = FoldedWriter()
    /// Each piece once, with a mark where its holes are.
    var pieces = FoldedWriter()
    /// Which pieces the payloads are of.
    var sequence = FoldedWriter()
    /// The form of every column.
    var forms = FoldedWriter()
    /// Columns of text.
    var texts = FoldedWriter()
    /// Columns of instants.
    var numbers = FoldedWriter()
    /// Columns of what was base64, and payloads that are not folded.
    var contents = FoldedWriter()
    /// The operations' identifiers, and columns of digests and identifiers.
    var bytes = FoldedWriter()

    /// The sections, the first behind the lengths of all.
    var parts: [[UInt8]] {
        let parts = [
            operations, pieces, sequence, forms, texts, numbers, contents, bytes,
        ].map(\.bytes)
        var lengths = FoldedWriter()
        for part in parts { lengths.number(part.count) }
        return [lengths.bytes + parts[0]] + parts[1...]
    }
}
