import Foundation

/// A name without what devices, keyboards and people leave out: case, accents, hyphens, blanks.
///
/// Used to compare and to search, never to show.
package enum FoldedName {
    /// The words of `text` in capitals, their letters without accents.
    ///
    /// `Émilie D'Hondt` gives `EMILIE`, `D`, `HONDT`. With `spellsUmlauts`, `ü` is `UE` as German
    /// registers write it, not `U` as devices do. Letters of other scripts stay as they are.
    package static func words(_ text: String, spellsUmlauts: Bool = false) -> [String] {
        var words: [String] = []
        var word = ""
        for scalar in prepared(text, spellsUmlauts: spellsUmlauts).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: continue
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter,
                .modifierLetter, .spacingMark, .decimalNumber:
                word.unicodeScalars.append(scalar)
            default:
                if !word.isEmpty { words.append(word) }
                word = ""
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// Every form in which a device may have been given `text`, without blanks: `MULLER` and
    /// `MUELLER` for `Müller`; none for text without letters.
    package static func keys(_ text: String) -> Set<String> {
        let keys = [false, true].map { words(text, spellsUmlauts: $0).joined() }
        return Set(keys.filter { !$0.isEmpty })
    }

    private static func prepared(_ text: String, spellsUmlauts: Bool) -> String {
        var result = ""
        for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
            if spellsUmlauts, let spelled = umlauts[scalar] {
                result += spelled
            } else if let spelled = letters[scalar] {
                result += spelled
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result.decomposedStringWithCompatibilityMapping.uppercased()
    }

    private static let umlauts: [Unicode.Scalar: String] = [
        "ä": "AE", "ö": "OE", "ü": "UE", "Ä": "AE", "Ö": "OE", "Ü": "UE", "ø": "OE", "Ø": "OE",
        "å": "AA", "Å": "AA",
    ]

    /// Letters that are not a base letter with a mark.
    private static let letters: [Unicode.Scalar: String] = [
        "ß": "SS", "ẞ": "SS", "æ": "AE", "Æ": "AE", "œ": "OE", "Œ": "OE", "ø": "O", "Ø": "O",
        "ł": "L", "Ł": "L", "đ": "D", "Đ": "D", "ð": "D", "Ð": "D", "þ": "TH", "Þ": "TH",
        "ħ": "H", "Ħ": "H", "ı": "I", "ĳ": "IJ", "Ĳ": "IJ", "ŋ": "N", "Ŋ": "N",
    ]
}
