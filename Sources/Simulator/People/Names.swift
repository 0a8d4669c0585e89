/// The invented names that simulated patients are put together from.
///
/// They hold what breaks software: accents, hyphens, apostrophes, blanks, very long and very short
/// names, and names that are each other's beginnings (Martin, Martinez, Dupont-Martin; Jean,
/// Jeanne, Jean-Luc).
enum Names {
    static let female = [
        "Amélie", "Anne-Sophie", "Axelle", "Britt", "Chloé", "Delphine", "Eléonore", "Élise",
        "Fenna", "Gaëlle", "Hélène", "Ines", "Jeanne", "Joëlle", "Katrien", "Liesbeth",
        "Maïté", "Marie-Françoise", "Noor", "Océane", "Renée", "Saskia", "Wendeline", "Zoé",
    ]

    static let male = [
        "Aloïs", "André", "Baptiste", "Cédric", "Dries", "Emiel", "Félix", "Gérard",
        "Hendrik", "Ilias", "Jean", "Jean-Luc", "Joost", "Koenraad", "Loïc", "Maarten",
        "Noël", "Olivier", "Pieter-Jan", "Quinten", "René", "Stéphane", "Tijl", "Xavier",
    ]

    static let family = [
        "Martin", "Martinez", "Dupont", "Dupont-Martin", "Voorbeeld", "Van den Voorbeeld",
        "Vandenvoorbeeld", "D'Hoogvoorbeeld", "d'Exemple", "Lefèvre-Exemple", "De l'Échantillon",
        "Testaert", "Van der Testen", "Testenberghe", "Proefkonijn", "Proefstra", "Modèle",
        "De Modelère", "Fictief", "Fictieux", "Imaginet", "Van Imaginaire", "Verzonnen",
        "Verzonne", "Denkbeeld", "Schijnaerts", "Schijnmans", "Nepmans", "Neppens", "Fabelaere",
        "Fabeleer", "Sprookjaert", "Inventé", "Inventeau", "Préteux", "O'Specimen", "Specimens",
        "Müller-Muster", "Mustermans", "Özdemir-Örnek", "Nguyễn-Ví", "El Mithal", "Ben Mithal",
        "Blanco", "Blancpain-Vide", "Leegh", "Ledig", "Oogaert", "Van Ooghe", "Loupe",
        "De Lunette", "Lensen", "Lenselaere", "Cylindré", "De Sphère", "Brilmans",
        "Briljaert", "Vergezicht", "Nabij", "De Près", "Myopin", "Astigmans", "Prismaert",
        "Dioptrius", "Cornélis-Kegel", "Irisse", "Pupilaert", "Netvlies", "Li",
        "Van Wonterghem-Vandermeulebroecke-Voorbeeldsteen", "Ç", "Œillet",
    ]

    /// `name` in the letters of ASCII: what a device without accents is given.
    static func ascii(_ name: String) -> String {
        var folded = ""
        for scalar in name.unicodeScalars {
            folded += scalar.isASCII ? String(scalar) : letters[scalar, default: "?"]
        }
        return folded
    }

    private static let letters: [Unicode.Scalar: String] = [
        "à": "a", "é": "e", "è": "e", "ê": "e", "ë": "e", "ï": "i", "í": "i", "ö": "o", "ü": "u",
        "ễ": "e", "ç": "c", "œ": "oe",
        "À": "A", "É": "E", "È": "E", "Ê": "E", "Ë": "E", "Ï": "I", "Í": "I", "Ö": "O", "Ü": "U",
        "Ễ": "E", "Ç": "C", "Œ": "OE",
    ]
}
