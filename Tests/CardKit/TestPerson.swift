/// An invented person, as a test card writes them.
///
/// The counters 997 and 998 of a register number belong to the 499th child of a day: no real
/// person of these days has them.
package struct TestPerson: Sendable {
    package var cardNumber = "999610317397"
    package var validFrom = "15.03.2024"
    package var validUntil = "15.03.2034"
    package var issuer = "Testgem"
    package var nationalNumber = TestPerson.number("610317", counter: 997)
    package var surname = "Specimen"
    package var givenNames = "Jan Fictief"
    package var thirdInitial = "T"
    package var nationality = "Belg"
    package var birthPlace = "Testgem"
    package var birthDate = "17 MAAR 1961"
    package var sex = "M"
    package var documentType = "1"
    package var street = "Voorbeeldstraat 12 bus 3"
    package var postalCode = "9999"
    package var municipality = "Testgem"

    package init() {}

    private init(_ change: (inout TestPerson) -> Void) { change(&self) }

    /// `YYMMDD`, the counter, and the check digits of the century.
    package static func number(_ day: String, counter: Int, in2000: Bool = false) -> String {
        let nine = day + "\(counter)"
        let check = 97 - (Int((in2000 ? "2" : "") + nine) ?? 0) % 97
        return nine + (check < 10 ? "0" : "") + "\(check)"
    }
}

extension TestPerson {
    package static let dutch = TestPerson()
    package static let french = TestPerson {
        $0.surname = "Échantillon"
        $0.givenNames = "Zoé Aurélie"
        $0.thirdInitial = ""
        $0.sex = "F"
        $0.nationality = "Belge"
        $0.birthDate = "09 AOUT 2004"
        $0.nationalNumber = number("040809", counter: 998, in2000: true)
        $0.street = "Rue de l'Exemple 7"
        $0.municipality = "Villefictive"
    }
    package static let german = TestPerson {
        $0.surname = "Muster-Größe"
        $0.givenNames = "Jörg"
        $0.birthDate = "05.MÄR.1958"
        $0.nationalNumber = number("580305", counter: 997)
        $0.nationality = "Deutsch"
        $0.documentType = "15"
        $0.street = "Beispielweg 1"
        $0.municipality = "Musterstadt"
    }
    package static let child = TestPerson {
        $0.documentType = "6"
        $0.givenNames = "Lotte Test"
        $0.sex = "V"
        $0.birthDate = "24 DEC  2019"
        $0.nationalNumber = number("191224", counter: 998, in2000: true)
        $0.validUntil = "01.02.2028"
    }
    package static let ofAYear = TestPerson {
        $0.givenNames = "Amal"
        $0.birthDate = "        1947"
        $0.nationalNumber = number("470000", counter: 997)
        $0.nationality = "Testland"
        $0.documentType = "17"
    }
    package static let ofOneName = TestPerson {
        $0.surname = "Suharta"
        $0.givenNames = ""
        $0.thirdInitial = ""
        $0.birthDate = "   AUG  1990"
        $0.nationalNumber = number("900800", counter: 997)
        $0.documentType = "11"
    }
    package static let expired = TestPerson {
        $0.validFrom = "01.01.2009"
        $0.validUntil = "01.01.2014"
    }
    /// A number of the crossroads bank: the month has 40 added.
    package static let bis = TestPerson {
        $0.birthDate = "06 MEI  1980"
        $0.nationalNumber = number("804506", counter: 997)
        $0.documentType = "14"
    }
    package static let long = TestPerson {
        $0.surname = "van den " + String(repeating: "Überlangename-", count: 18) + "Ende"
        $0.givenNames = String(repeating: "Maximiliaan-", count: 6) + "Jan"
        $0.street = String(repeating: "Æ", count: 30)
    }

    package static let all: [TestPerson] = [
        .dutch, .french, .german, .child, .ofAYear, .ofOneName, .expired, .bis, .long,
    ]
}
