/// What kind of card it is: an open set, to which the State adds.
package struct DocumentType: Hashable, Sendable {
    /// The number as the card writes it, without zeros before it.
    package let code: String

    package init(code: String) {
        let digits = code.drop { $0 == "0" }
        self.code = String(digits)
    }

    /// False for the cards of officials and of technicians, which carry no holder.
    package var isPerson: Bool { code != "7" && code != "8" }

    /// What people call it; nil for a kind that is newer than this version.
    package var name: String? { Self.names[code] }

    /// Source: Fedict, Belgian Electronic Identity Card content, v5.4, tag 15.
    private static let names = [
        "1": "Belgian citizen", "6": "Kids-ID", "7": "bootstrap card", "8": "habilitation card",
        "11": "A card", "12": "B card", "13": "C card", "14": "D card", "15": "E card",
        "16": "E+ card", "17": "F card", "18": "F+ card", "19": "H card", "20": "I card",
        "21": "J card", "22": "M card", "23": "N card", "27": "K card", "28": "L card",
        "31": "EU card", "32": "EU+ card", "33": "A card", "34": "B card", "35": "F card",
        "36": "F+ card", "61": "Kids EU card", "62": "Kids EU+ card", "63": "Kids A card",
        "64": "Kids B card", "65": "Kids K card", "66": "Kids L card", "67": "Kids F card",
        "68": "Kids F+ card", "69": "Kids M card",
    ]
}
