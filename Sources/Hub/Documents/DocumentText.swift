import Shared

/// Documents in words.
enum DocumentText {
    /// `joia, decoder 1`, or that none takes it.
    static func format(_ record: DocumentRecord) -> String {
        guard let format = record.format else { return "no known format" }
        return record.decoderVersion.map { "\(format), decoder \($0)" } ?? format
    }

    /// The address of the raw bytes.
    static func download(_ digest: Digest256, siteParameter: String?) -> String {
        Address("/documents/\(digest.hexadecimal)/raw", ["site": siteParameter]).text
    }

    /// The address of the document's page.
    static func page(_ digest: Digest256, siteParameter: String?) -> String {
        Address("/documents/\(digest.hexadecimal)", ["site": siteParameter]).text
    }

    /// The failure in a word.
    static func word(_ failure: DocumentFailure) -> String {
        words[failure.code]?.word ?? failure.code.rawValue
    }

    /// The failure in a sentence that says what to do.
    static func sentence(_ failure: DocumentFailure) -> String {
        words[failure.code]?.sentence ?? "This version of the Hub does not know this failure."
    }

    /// What the decoder says, and where; nil where it says nothing.
    static func detail(_ failure: DocumentFailure) -> String? {
        guard let place = failure.at, !place.isEmpty else {
            return failure.detail.isEmpty ? nil : failure.detail
        }
        let sentence =
            failure.detail.hasSuffix(".") ? failure.detail.dropLast() : failure.detail[...]
        return sentence.isEmpty ? place : "\(sentence), \(place)"
    }

    private static let words: [DocumentFailure.Code: (word: String, sentence: String)] = [
        .truncated: (
            "Cut short", "The file ends before its content does. Let the device export it again."
        ),
        .malformed: (
            "Damaged", "The file is not what its format demands. Let the device export it again."
        ),
        .unsupported: (
            "Unknown format",
            "No decoder knows this kind of file. If a device writes it regularly, ask for a decoder."
        ),
        .tooLarge: (
            "Too large",
            "The file is larger than any export of a device; only its beginning is kept here."
        ),
        .tooDeep: ("Too deep", "The file is nested more deeply than any export of a device."),
        .externalEntity: (
            "Refused", "The file refers to other files, which no export of a device does."
        ),
        .encoding: (
            "Not text", "The file's characters cannot be read. Check the export's encoding."
        ),
        .unreadable: (
            "Unreadable", "The PC could not read the file to its end. Check the disk or the share."
        ),
    ]
}

/// Sizes in words.
enum SizeText {
    /// `812 bytes`, `6.0 KB`, `3.2 MB`: thousands, one decimal, cut.
    static func text(_ bytes: Int64) -> String {
        switch bytes {
        case ..<1000: "\(bytes) bytes"
        case ..<1_000_000: "\(tenths(bytes, of: 1000)) KB"
        case ..<1_000_000_000: "\(tenths(bytes, of: 1_000_000)) MB"
        default: "\(tenths(bytes, of: 1_000_000_000)) GB"
        }
    }

    private static func tenths(_ bytes: Int64, of unit: Int64) -> String {
        "\(bytes / unit).\(bytes % unit * 10 / unit)"
    }
}

/// A path below a source in two pieces, as a page shows it.
enum PathText {
    /// Behind the last slash.
    static func name(_ path: String) -> String {
        visible(last(path))
    }

    /// Before it; nil where there is none.
    static func folder(_ path: String) -> String? {
        let parts = path.split(separator: "/").dropLast()
        return parts.isEmpty ? nil : visible(parts.joined(separator: "/"))
    }

    fileprivate static func last(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func visible(_ text: String) -> String { VisibleText.text(text) }
}

/// Text with characters that have no shape written out.
enum VisibleText {
    /// One that turns the direction of writing makes `gpj.exe` look like `exe.jpg`.
    static func text(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            if scalar.properties.generalCategory == .format {
                result += "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
}

/// A file name that is safe in a header and on a disk.
enum SafeFileName {
    /// The last part of `path` in harmless characters: letters, digits, `.`, `-`, `_`.
    static func ascii(_ path: String) -> String {
        let last = PathText.last(path)
        let safe = String(
            last.unicodeScalars.prefix(120).map { scalar -> Character in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": Character(scalar)
                default: "_"
                }
            }
        )
        let trimmed = safe.drop { $0 == "." }
        return trimmed.isEmpty ? "document" : String(trimmed)
    }
}
